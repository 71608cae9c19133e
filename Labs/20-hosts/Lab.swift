public import LabKit

/// Lab 20: two hosts, by routes and by a tunnel, and what a packet may weigh.
public let lab = Lab(
  number: 20, name: "hosts", title: Texts.title, story: Texts.story, belief: Texts.belief,
  questions: [
    Question(
      id: "ttl", ask: Texts.ttlQuestion,
      choices: [
        Choice("a", Texts.ttl64, why: Texts.ttl64Why),
        Choice("b", Texts.ttl63, why: Texts.ttl63Why),
        Choice("c", Texts.ttl62, why: Texts.ttl62Why),
      ], right: "c", confirmedBy: "routed-ttl"),
    Question(
      id: "payload", ask: Texts.payloadQuestion,
      choices: [
        Choice("a", Texts.payload1500, why: Texts.payload1500Why),
        Choice("b", Texts.payload1472, why: Texts.payload1472Why),
        Choice("c", Texts.payload1480, why: Texts.payload1480Why),
      ], right: "b", confirmedBy: "routed-payload"),
    Question(
      id: "tunnel", ask: Texts.tunnelQuestion,
      choices: [
        Choice("a", Texts.tunnelSame, why: Texts.tunnelSameWhy),
        Choice("b", Texts.tunnelFlat, why: Texts.tunnelFlatWhy),
        Choice("c", Texts.tunnelHeader, why: Texts.tunnelHeaderWhy),
      ], right: "b", confirmedBy: "overlay-payload"),
    Question(
      id: "large", ask: Texts.largeQuestion,
      choices: [
        Choice("a", Texts.largeFine, why: Texts.largeFineWhy),
        Choice("b", Texts.largeSlow, why: Texts.largeSlowWhy),
        Choice("c", Texts.largeLost, why: Texts.largeLostWhy),
      ], right: "c", confirmedBy: "large"),
  ],
  experiment: experiment, exercise: exercise, broken: broken)
