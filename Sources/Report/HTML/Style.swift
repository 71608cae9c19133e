/// The style sheet of `report.html` and of every other page.
///
/// Colours are Okabe and Ito's, which people with any kind of colour vision can tell apart, a
/// shade darker on white and lighter on black. Colour never speaks alone: verdicts have words and
/// signs, series have dashes, marks have shapes.
package enum Style {
  package static let sheet = """
    :root {
      color-scheme: light dark;
      --paper: #fdfdfc; --card: #ffffff; --ink: #1c1f23; --soft: #5c6670; --line: #dfe3e6;
      --grid: #e9ecee; --one: #0b6aa8; --two: #c8500a; --band: #0b6aa81f; --area: #0b6aa826;
      --quiet: #c3cad0; --pass: #00704f; --fail: #b3261e; --doubt: #8a5a00;
      --pass-back: #e3f3ec; --fail-back: #fbe9e7; --doubt-back: #fbf1dc; --code: #f3f5f6;
      --p0: #7a8690; --p1: #0b6aa8; --p2: #56b4e9; --p3: #009e73; --p4: #e69f00;
      --p5: #cc79a7; --p6: #d55e00; --p7: #a89f00;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14171a; --card: #1b1f23; --ink: #e6e9ec; --soft: #9aa5af; --line: #30373d;
        --grid: #2b3238; --one: #62b5ec; --two: #f0924c; --band: #62b5ec2b; --area: #62b5ec30;
        --quiet: #4b555e; --pass: #5fd0a3; --fail: #ff8f84; --doubt: #e9b949;
        --pass-back: #12332a; --fail-back: #3b1c1a; --doubt-back: #352a10; --code: #23282d;
        --p0: #8b97a1; --p1: #4aa3e0; --p2: #8fd0f7; --p3: #35bd92; --p4: #edb63d;
        --p5: #da98bd; --p6: #ec7f3c; --p7: #cfc64a;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans",
        "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif;
    }
    main { max-width: 51rem; margin: 0 auto; padding: 3.5rem 1.5rem 5rem; }
    h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 0.4rem; }
    h2 { font-size: 1.35rem; line-height: 1.3; letter-spacing: -0.01em; margin: 0; }
    h3 { font-size: 1rem; margin: 2rem 0 0.5rem; }
    p { margin: 0.5rem 0; }
    .lead { color: var(--soft); margin: 0 0 2rem; }
    .lead span { white-space: nowrap; }
    .eyebrow {
      color: var(--soft); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.06em; margin: 0;
    }
    section { margin-top: 4rem; padding-top: 2rem; border-top: 1px solid var(--line); }
    section > header {
      display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: baseline;
      justify-content: space-between;
    }
    .sentence { font-size: 1.06rem; margin: 0.6rem 0 1.2rem; }
    .verdict {
      display: inline-block; padding: 0.05rem 0.6rem; border-radius: 1rem; white-space: nowrap;
      font-size: 0.86rem; font-weight: 600;
    }
    .verdict.pass, .verdict.better { color: var(--pass); background: var(--pass-back); }
    .verdict.fail, .verdict.worse { color: var(--fail); background: var(--fail-back); }
    .verdict.inconclusive, .verdict.cannotTell {
      color: var(--doubt); background: var(--doubt-back);
    }
    .verdict.same { color: var(--soft); background: var(--code); }
    .reason { display: block; color: var(--soft); font-size: 0.86rem; }
    .scroll { overflow-x: auto; margin: 1.2rem 0; }
    table { border-collapse: collapse; width: 100%; font-size: 0.92rem; line-height: 1.45; }
    th {
      text-align: left; font-size: 0.8rem; font-weight: 600; color: var(--soft);
      padding: 0.35rem 1rem 0.35rem 0; border-bottom: 1px solid var(--line);
      vertical-align: bottom; white-space: nowrap;
    }
    td { padding: 0.45rem 1rem 0.45rem 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
    td:first-child { min-width: 1.5rem; }
    th:last-child, td:last-child { padding-right: 0; }
    .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: 0.2em; }
    code, pre, .step {
      font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    code { font-size: 0.88em; overflow-wrap: anywhere; }
    pre {
      margin: 0; font-size: 0.8rem; line-height: 1.45; white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    figure {
      margin: 2rem 0 0; padding: 1.3rem 1.4rem 1rem; background: var(--card);
      border: 1px solid var(--line); border-radius: 0.6rem;
    }
    figcaption { font-weight: 600; line-height: 1.4; }
    .legend {
      display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; margin: 0.4rem 0 0.8rem;
      font-size: 0.84rem; color: var(--soft);
    }
    .key { display: inline-flex; align-items: center; gap: 0.45rem; }
    .swatch { display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 2px; }
    .swatch.mark { height: 0; border-top: 2px solid var(--ink); border-radius: 0; }
    .swatch.fill-1 { background: var(--one); }
    .swatch.fill-2 { background: var(--two); }
    .swatch.fill-quiet { background: var(--quiet); }
    .swatch.band { background: var(--band); }
    .swatch.dot-1 { background: var(--one); border-radius: 50%; width: 0.6rem; height: 0.6rem; }
    .swatch.dot-peak { background: var(--two); border-radius: 50%; width: 0.6rem; height: 0.6rem; }
    .swatch.stroke { height: 0; width: 1.6rem; border-top: 2.5px solid; border-radius: 0; }
    .swatch.series-0 { border-top-color: var(--p1); }
    .swatch.series-1 { border-top-color: var(--p6); border-top-style: dashed; }
    .swatch.series-2 { border-top-color: var(--p3); border-top-style: dotted; }
    .swatch.series-3 { border-top-color: var(--p5); border-top-style: dashed; }
    .swatch.series-4 { border-top-color: var(--p4); border-top-style: dotted; }
    .swatch.series-5 { border-top-color: var(--p0); }
    .swatch.across { border-top-color: var(--ink); border-top-style: dashed; }
    .swatch[class*="mark-"] { background: var(--ink); width: 0.6rem; height: 0.6rem; }
    .swatch.mark-0 { border-radius: 50%; }
    .swatch.mark-1 { border-radius: 0; }
    .swatch.mark-2 { clip-path: polygon(50% 0, 100% 100%, 0 100%); }
    .swatch.mark-3 { clip-path: polygon(50% 0, 100% 50%, 50% 100%, 0 50%); border-radius: 0; }
    .finding { margin: 0.3rem 0; }
    .notice {
      padding: 0.6rem 0.9rem; border-radius: 0.4rem; color: var(--doubt);
      background: var(--doubt-back);
    }
    .drawing { overflow-x: auto; }
    svg { display: block; width: 100%; min-width: 32rem; height: auto; }
    svg text { font-size: 12px; fill: var(--ink); }
    svg .tick {
      font-size: 11px; fill: var(--soft); font-variant-numeric: tabular-nums;
      paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round;
    }
    svg .label { font-size: 13px; }
    svg .value { font-size: 12px; font-weight: 600; font-variant-numeric: tabular-nums; }
    svg .step { font-size: 10.5px; }
    svg .step-init { font-style: italic; }
    .grid { stroke: var(--grid); stroke-width: 1; }
    .axis { stroke: var(--soft); stroke-width: 1; }
    svg .mark { stroke: var(--ink); stroke-width: 2; }
    svg .dash { stroke-width: 1.5; stroke-dasharray: 5 4; }
    svg .fill-1 { fill: var(--one); }
    svg .fill-2 { fill: var(--two); }
    svg .fill-quiet { fill: var(--quiet); }
    svg .band { fill: var(--band); }
    svg .area-1 { fill: var(--area); }
    svg .line-1 { fill: none; stroke: var(--one); stroke-width: 2; stroke-linejoin: round; }
    svg .peak, svg .dot-bad { fill: var(--two); }
    svg .event { stroke: var(--two); stroke-width: 1.5; }
    svg .event-label { fill: var(--two); font-weight: 600; }
    svg .dot-1 { fill: var(--one); fill-opacity: 0.65; }
    svg .interval { stroke: var(--two); stroke-width: 3; stroke-linecap: round; }
    svg .series { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
    svg .end { font-size: 12px; font-weight: 600; }
    svg .rung { stroke: var(--quiet); stroke-width: 5; stroke-linecap: round; }
    svg .series-0 { stroke: var(--p1); }
    svg .series-1 { stroke: var(--p6); stroke-dasharray: 8 4; }
    svg .series-2 { stroke: var(--p3); stroke-dasharray: 2 3; }
    svg .series-3 { stroke: var(--p5); stroke-dasharray: 10 3 2 3; }
    svg .series-4 { stroke: var(--p4); stroke-dasharray: 4 2; }
    svg .series-5 { stroke: var(--p0); }
    svg .whisker { stroke-width: 1.5; stroke-dasharray: none; }
    svg .point { stroke: var(--card); stroke-width: 1; stroke-dasharray: none; }
    svg .point.series-0 { fill: var(--p1); }
    svg .point.series-1 { fill: var(--p6); }
    svg .point.series-2 { fill: var(--p3); }
    svg .point.series-3 { fill: var(--p5); }
    svg .point.series-4 { fill: var(--p4); }
    svg .point.series-5 { fill: var(--p0); }
    .phase-0 { fill: var(--p0); background: var(--p0); }
    .phase-1 { fill: var(--p1); background: var(--p1); }
    .phase-2 { fill: var(--p2); background: var(--p2); }
    .phase-3 { fill: var(--p3); background: var(--p3); }
    .phase-4 { fill: var(--p4); background: var(--p4); }
    .phase-5 { fill: var(--p5); background: var(--p5); }
    .phase-6 { fill: var(--p6); background: var(--p6); }
    .phase-7 { fill: var(--p7); background: var(--p7); }
    .phase-8 { fill: var(--soft); background: var(--soft); }
    svg .of-init { stroke: var(--ink); stroke-width: 1; }
    .notes {
      display: grid; gap: 0.5rem; margin: 1rem 0 0; padding-top: 0.8rem;
      border-top: 1px solid var(--grid); font-size: 0.86rem; line-height: 1.5;
    }
    .notes div { display: grid; grid-template-columns: 10.5rem 1fr; gap: 0 1rem; }
    dt { color: var(--soft); }
    dd { margin: 0; }
    details { margin-top: 0.8rem; font-size: 0.86rem; }
    summary { cursor: pointer; color: var(--soft); }
    details .scroll { margin: 0.4rem 0; }
    details table { font-size: 0.84rem; }
    .facts { display: grid; gap: 0.4rem; margin: 1rem 0; font-size: 0.9rem; }
    .facts div { display: grid; grid-template-columns: 10.5rem 1fr; gap: 0 1rem; }
    .rules { margin: 1.2rem 0; padding-left: 1.2rem; font-size: 0.9rem; }
    .rules li { margin: 0.3rem 0; }
    td .verdict { margin: -0.05rem 0; }
    .glance td:first-child { min-width: 12rem; }
    .glance td:nth-child(6) { min-width: 11rem; font-size: 0.86em; }
    @media (min-width: 70rem) { .glance { margin: 0 -8rem; } }
    footer { margin-top: 4rem; color: var(--soft); font-size: 0.86rem; }
    @media (max-width: 40rem) {
      main { padding: 2rem 1rem 3rem; }
      h1 { font-size: 1.6rem; }
      table { width: max-content; min-width: 100%; }
      td { max-width: 14rem; }
      figure { padding: 1rem; }
      .notes div, .facts div { grid-template-columns: 1fr; }
    }
    @page { size: A4; margin: 16mm 15mm; }
    @media print {
      :root {
        color-scheme: light;
        --paper: #ffffff; --card: #ffffff; --ink: #1c1f23; --soft: #4c555e; --line: #c9cfd4;
        --grid: #e3e6e9; --one: #0b6aa8; --two: #c8500a; --band: #0b6aa81f; --area: #0b6aa826;
        --quiet: #b5bdc4; --pass: #00704f; --fail: #b3261e; --doubt: #8a5a00;
        --pass-back: #e3f3ec; --fail-back: #fbe9e7; --doubt-back: #fbf1dc; --code: #f3f5f6;
        --p0: #7a8690; --p1: #0b6aa8; --p2: #56b4e9; --p3: #009e73; --p4: #e69f00;
        --p5: #cc79a7; --p6: #d55e00; --p7: #a89f00;
      }
      html { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      body { font-size: 9.5pt; background: none; }
      main { max-width: none; padding: 0; }
      .glance { margin: 0; }
      .glance td:first-child, .glance td:nth-child(6) { min-width: 0; }
      h1 { font-size: 18pt; }
      section { margin-top: 1.5rem; padding-top: 1rem; }
      figure { padding: 0.8rem 1rem; margin-top: 1rem; }
      /* A figure is one piece; its table may go on over pages. */
      .whole, tr, .notes div { break-inside: avoid; }
      h2, h3, figcaption, .eyebrow { break-after: avoid; }
      thead { display: table-header-group; }
      details::details-content { content-visibility: visible; block-size: auto; }
      summary { list-style: none; font-weight: 600; }
      .scroll, .drawing { overflow: visible; }
      table { font-size: 8pt; }
      th, td { padding-right: 0.5rem; }
      td, th { overflow-wrap: anywhere; }
      svg { min-width: 0; }
    }

    """
}
