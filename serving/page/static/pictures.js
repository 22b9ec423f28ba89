// Pictures of forecasts with their doubt drawn in. Every picture stands beside the same facts as
// text, so it is hidden from screen readers.

import { svg, element, number, say, words } from "./common.js";

const EMOTIONS = ["joy", "surprise", "sadness", "anger", "fear", "disgust"];

export function emotions(emotion) {
  const strongest = EMOTIONS.filter((name) => emotion[name]).sort((a, b) => emotion[b].value - emotion[a].value);
  const rows = ["overall", ...strongest, "valence", "arousal"];
  const begins = new Set([strongest[0], "valence"]);
  return element("dl", { class: "bars" }, rows.flatMap((name) => row(name, emotion[name], begins)));
}

function row(name, part, begins) {
  if (!part) return [];
  const least = name === "valence" ? -1 : 0;
  const kind = `${name} ${begins.has(name) ? "begins" : ""}`;
  const shown = (value) => number(value, 2);
  const range = say("interval", { low: shown(part.low), high: shown(part.high) });
  const title = [words[name]];
  if (least < 0) title.push(element("small", {}, [`${words.valence_low} – ${words.valence_high}`]));
  return [
    element("dt", { class: kind }, title),
    element("dd", { class: kind }, [bar(part, least)]),
    element("dd", { class: `number ${kind}` }, [
      element("b", {}, [shown(part.value)]),
      " ",
      element("span", { class: "range" }, [range]),
    ]),
  ];
}

function bar(part, least) {
  const x = (value) => (100 * (value - least)) / (1 - least);
  const from = x(0);
  const to = x(part.value);
  const parts = [
    svg("rect", { class: "track", x: "0%", y: 6, width: "100%", height: 12, rx: 3 }),
    svg("rect", {
      class: "bar", x: `${Math.min(from, to)}%`, y: 6, width: `${Math.abs(to - from)}%`, height: 12, rx: 3,
    }),
    ...whisker(x(part.low), x(part.high), 12),
  ];
  if (least < 0) parts.push(line("middle", from, from, 2, 22));
  return svg("svg", { height: 24, "aria-hidden": "true" }, parts);
}

function whisker(low, high, y) {
  return [
    line("whisker", low, high, y, y),
    line("whisker", low, low, y - 4, y + 4),
    line("whisker", high, high, y - 4, y + 4),
  ];
}

function line(kind, x1, x2, y1, y2) {
  return svg("line", { class: kind, x1: `${x1}%`, x2: `${x2}%`, y1, y2 });
}

export function place(percentile, height = 46) {
  const { value, low, high } = percentile;
  const parts = [
    svg("rect", { class: "track", x: "0%", y: 8, width: "100%", height: 14, rx: 7 }),
    svg("rect", { class: "span", x: `${low}%`, y: 8, width: `${high - low}%`, height: 14, rx: 7 }),
    line("middle", 50, 50, 3, 27),
    svg("circle", { class: "dot", cx: `${value}%`, cy: 15, r: 9 }),
  ];
  if (height > 40) {
    for (const [at, anchor] of [[0, "start"], [50, "middle"], [100, "end"]]) {
      parts.push(svg("text", { class: "tick", x: `${at}%`, y: 44, "text-anchor": anchor }, [String(at)]));
    }
  }
  return svg("svg", { height, "aria-hidden": "true" }, parts);
}

export function reasons(list) {
  const most = Math.max(...list.map((reason) => Math.abs(reason.effect)), 0.5);
  return element("dl", { class: "bars reasons" }, list.flatMap((reason) => reasonRow(reason, most)));
}

function reasonRow(reason, most) {
  const share = (50 * reason.effect) / most;
  const rises = reason.effect >= 0;
  const sign = rises ? "+" : "−";
  const picture = svg("svg", { height: 20, "aria-hidden": "true" }, [
    svg("rect", {
      class: rises ? "up" : "down", x: `${rises ? 50 : 50 + share}%`, y: 4, width: `${Math.abs(share)}%`, height: 12, rx: 3,
    }),
    line("middle", 50, 50, 0, 20),
  ]);
  return [
    element("dt", {}, [words[`reason_${reason.family}`] ?? reason.label]),
    element("dd", {}, [picture]),
    element("dd", { class: "number" }, [`${sign}${number(Math.abs(reason.effect), 2)}`]),
  ];
}
