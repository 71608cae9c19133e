import Measure

/// The rules behind verdicts and grades, at the end of every page.
enum TrustNotes {
  private static let rules = [
    Bilingual(
      en: "A round runs every arm once in fresh random order. Ratios are taken within rounds; the "
        + "median is shown with a 95 % interval that resamples rounds. Under six rounds there is "
        + "no verdict.",
      zh: "每一轮以新的随机顺序把每个对象各跑一次。比值在轮内计算；给出中位数及按轮重抽样的 "
        + "95 % 区间。少于六轮不作结论。"),
    Bilingual(
      en: "One arm runs twice in each round (A/A). An effect is claimed only if its interval lies "
        + "beyond the A/A noise and beyond 1 %. Otherwise: cannot tell.",
      zh: "每轮中有一个对象跑两次（A/A）。只有区间超出 A/A 噪声且超出 1 % 才声称有差别，"
        + "否则为“无法判断”。"),
    Bilingual(
      en: "A lab whose conditions were not met (steal, too few free CPUs, a quota above) is "
        + "inconclusive, neither passed nor failed.",
      zh: "条件不满足的实验（steal、空闲 CPU 不足、上层配额）为“无法判定”，既非通过也非未通过。"),
    Bilingual(
      en: "Each sample asserts that it measured what it says; if not, the number is voided: shown, "
        + "never counted. Rounds with over 10 % steal run again; the discards stay in the data.",
      zh: "每个样本都断言自己测到了所声称的东西；否则数据作废：显示但不计入。"
        + "steal 超过 10 % 的轮次重跑；被弃的轮次保留在数据中。"),
    Bilingual(
      en: "Trust A: 11 rounds or more, A/A noise at most 2 %, nothing voided, no round above 5 % "
        + "steal. B: noise at most 5 %, at most a quarter of the rounds disturbed. C: six rounds or "
        + "more, noise at most 20 %. D: the rest. A lab has A when the machine was quiet, B above "
        + "5 % steal, C when nobody watched the machine, D when it is inconclusive.",
      zh: "可信度 A：至少 11 轮，A/A 噪声不超过 2 %，无作废数据，没有 steal 超过 5 % 的轮次。"
        + "B：噪声不超过 5 %，受干扰的轮次不超过四分之一。C：至少六轮，噪声不超过 20 %。D：其余。"
        + "对实验课：机器安静为 A，steal 超过 5 % 为 B，无人监视机器为 C，无法判定为 D。"),
  ]

  static func markup(_ language: Language) -> Markup {
    let title = Bilingual(en: "How to read verdicts and grades", zh: "如何理解结论与可信度")
    return tag(
      "section", [:], tag("h2", [:], .text(title[language])),
      tag(
        "ul", ["class": "rules"], join(rules.map { tag("li", [:], .text($0[language])) })))
  }
}
