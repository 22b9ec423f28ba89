// Why a score is what it is: families of inputs, what is fixed apart from what rewriting can move.

import { el, svg } from "./dom.js";
import { say, signed, words } from "./words.js";

const FIXED = new Set(["clock", "history", "context"]);

function sideOf(reason) {
  if (reason.family === "start") return "start";
  return reason.side ?? (FIXED.has(reason.family) ? "who_and_when" : "what_and_how");
}

const strengthOf = (effect) => {
  const step = [0.03, 0.12, 0.3].filter((edge) => Math.abs(effect) >= edge).length;
  return words[step === 0 ? "effect_none" : `effect_${effect < 0 ? "down" : "up"}_${step}`];
};

export function drawReasons(list) {
  const most = Math.max(...list.map((reason) => Math.abs(reason.effect)), 0.4);
  return ["what_and_how", "who_and_when", "start"].flatMap((side) => {
    const found = list.filter((reason) => sideOf(reason) === side);
    if (!found.length) return [];
    const sum = found.reduce((total, reason) => total + reason.effect, 0);
    return [
      side === "start" ? null : el("h3", { class: "side" }, [words[`side_${side}`], el("span", {}, signed(sum))]),
      el("dl", { class: `bars reasons ${side}` }, found.flatMap((reason) => row(reason, most))),
    ].filter(Boolean);
  }).concat(total(list));
}

function total(list) {
  const sum = list.reduce((all, reason) => all + reason.effect, 0);
  return [el("p", { class: "hint" }, say("reasons_total", { value: signed(sum) }))];
}

function row(reason, most) {
  return [
    el("dt", {}, words[`reason_${reason.family}`] ?? reason.label),
    el("dd", {}, diverging(reason.effect, most)),
    el("dd", { class: "number" }, [el("span", { class: "word" }, strengthOf(reason.effect)), " ", signed(reason.effect)]),
  ];
}

export function diverging(effect, most) {
  const size = Math.min(50, (50 * Math.abs(effect)) / most);
  return svg("svg", { height: 20, "aria-hidden": "true" }, [
    svg("rect", { class: "track", x: "0%", y: 5, width: "100%", height: 10, rx: 5 }),
    svg("rect", { class: effect < 0 ? "down" : "up", x: `${effect < 0 ? 50 - size : 50}%`, y: 5, width: `${size}%`, height: 10, rx: 3 }),
    svg("line", { class: "zero", x1: "50%", x2: "50%", y1: 1, y2: 19 }),
  ]);
}
