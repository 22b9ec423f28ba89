// Why a score is what it is: families of inputs, what is fixed apart from what rewriting can move.

import { el, svg } from "./dom.js";
import { say, signed, words } from "./words.js";

const FIXED = new Set(["clock", "history", "context"]);

function sideOf(reason) {
  if (reason.family === "start") return "start";
  return reason.side ?? (FIXED.has(reason.family) ? "who_and_when" : "what_and_how");
}

const EDGES = [0.03, 0.12, 0.3];

// Of the figure as it is shown: the same figure has the same word.
const stepOf = (effect) => EDGES.filter((edge) => Number(Math.abs(effect).toFixed(2)) >= edge).length;

function strengthOf(effect) {
  const step = stepOf(effect);
  return words[step === 0 ? "effect_none" : `effect_${effect < 0 ? "down" : "up"}_${step}`];
}

const sumOf = (list) => list.reduce((all, reason) => all + reason.effect, 0);
const nameOf = (reason) => words[`reason_${reason.family}`] ?? reason.label;

// Family -> what it goes by, where that was not given. Its effect is that of the average assumed
// instead, so the post gets neither praise nor blame for it. An account tells two things, and which
// of them is missing is said.
export function absentFrom(fields, notes) {
  const unknown = notes.some((note) => note.code === "no_history");
  const past = (told) => unknown && words[`absent_${fields.account_id ? "past" : "account"}_${told}`];
  const audience = fields.platform || fields.followers !== undefined || fields.is_paid;
  return {
    history: past("history"),
    recall: past("recall"),
    clock: !fields.published_at && words.column_published_at,
    context: !audience && words.column_platform,
    format: !fields.media_type && words.column_media_type,
  };
}

export function drawReasons(list, absent) {
  const most = Math.max(...list.map((reason) => Math.abs(reason.effect)), 0.4);
  return ["what_and_how", "who_and_when", "start"].flatMap((side) => {
    const found = list.filter((reason) => sideOf(reason) === side);
    if (!found.length) return [];
    if (side === "start") return el("dl", { class: "bars reasons start" }, found.flatMap((reason) => row(reason, most)));
    return [
      el("h3", { class: "side" }, [words[`side_${side}`], el("span", {}, signed(sumOf(found)))]),
      ...drawSide(found, absent, most),
    ];
  }).concat(el("p", { class: "hint" }, say("reasons_total", { value: signed(sumOf(list)) })));
}

function drawSide(found, absent, most) {
  const kinds = Object.groupBy(found, ({ family, effect }) => (absent[family] ? "absent" : stepOf(effect) ? "telling" : "idle"));
  const { telling = [], idle = [] } = kinds;
  const missing = kinds.absent ?? [];
  return [
    telling.length ? el("dl", { class: "bars reasons" }, telling.flatMap((reason) => row(reason, most))) : "",
    rest("reasons_idle", idle, idle.map(nameOf)),
    rest("reasons_absent", missing, new Set(missing.map(({ family }) => absent[family]))),
  ].filter(Boolean);
}

function rest(key, list, names) {
  if (!list.length) return "";
  return el("p", { class: "hint rest" }, [el("span", {}, say(key, { list: [...names].join("; ") })), el("span", {}, signed(sumOf(list)))]);
}

function row(reason, most) {
  return [
    el("dt", {}, nameOf(reason)),
    el("dd", {}, diverging(reason.effect, most)),
    el("dd", { class: "number" }, [el("span", { class: "word" }, strengthOf(reason.effect)), " ", signed(reason.effect)]),
  ];
}

function diverging(effect, most) {
  const size = Math.min(50, (50 * Math.abs(effect)) / most);
  return svg("svg", { height: 20, "aria-hidden": "true" }, [
    svg("rect", { class: "track", x: "0%", y: 5, width: "100%", height: 10, rx: 5 }),
    stepOf(effect) ? svg("rect", { class: effect < 0 ? "down" : "up", x: `${effect < 0 ? 50 - size : 50}%`, y: 5, width: `${size}%`, height: 10, rx: 3 }) : null,
    svg("line", { class: "zero", x1: "50%", x2: "50%", y1: 1, y2: 19 }),
  ]);
}
