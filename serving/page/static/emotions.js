// What people feel, as a picture with its doubt drawn in; every row says the same in words.

import { byId, el, svg } from "./dom.js";
import { number, say, strength, words } from "./words.js";

const EMOTIONS = ["joy", "surprise", "sadness", "anger", "fear", "disgust"];

export function strongest(emotion) {
  return EMOTIONS.filter((name) => emotion[name]).sort((a, b) => emotion[b].value - emotion[a].value);
}

export function feelingOf(emotion) {
  const first = strongest(emotion)[0];
  return first ? `${words[first]} ${number(100 * emotion[first].value)}` : "";
}

export function drawEmotions(emotion) {
  const order = strongest(emotion);
  byId("feeling").textContent = headline(emotion, order);
  byId("emotion-picture").replaceChildren(el("dl", { class: "bars emotions" }, [
    ...row("overall", emotion.overall),
    ...order.flatMap((name) => row(name, emotion[name])),
    ...row("valence", emotion.valence),
    ...row("arousal", emotion.arousal),
  ]));
}

function headline(emotion, order) {
  const first = order[0];
  if (!first) return "";
  if (emotion[first].value < 0.12) return words.feeling_calm;
  return say("feeling", { emotion: words[first].toLocaleLowerCase(), strength: strength(emotion[first].value) });
}

function row(name, part) {
  if (!part) return [];
  const least = name === "valence" ? -1 : 0;
  const shown = (value) => (least < 0 ? number(value, 2) : number(100 * value));
  const range = say("interval", { low: shown(part.low), high: shown(part.high) });
  const ends = name === "valence" ? "valence" : name === "arousal" ? "arousal" : null;
  return [
    el("dt", { class: name }, words[name]),
    el("dd", { class: name }, [
      interval(part, least, 1, name),
      ends && el("span", { class: "ends" }, [el("span", {}, words[`${ends}_low`]), el("span", {}, words[`${ends}_high`])]),
    ]),
    el("dd", { class: `number ${name}` }, [
      el("b", {}, shown(part.value)), " ", el("span", { class: "range" }, range),
    ]),
  ];
}

// A track with the interval as a band and the forecast as a dot.
export function interval({ value, low, high }, least, most, name = "") {
  const x = (at) => Math.min(100, Math.max(0, (100 * (at - least)) / (most - least)));
  return svg("svg", { height: 24, "aria-hidden": "true", class: "interval" }, [
    svg("rect", { class: "track", x: "0%", y: 6, width: "100%", height: 12, rx: 6 }),
    svg("rect", { class: "band", x: `${x(low)}%`, y: 6, width: `${Math.max(0.5, x(high) - x(low))}%`, height: 12, rx: 6 }),
    least < 0 ? svg("line", { class: "zero", x1: `${x(0)}%`, x2: `${x(0)}%`, y1: 2, y2: 22 }) : null,
    svg("circle", { class: `dot ${name}`, cx: `${x(value)}%`, cy: 12, r: name === "overall" ? 8 : 7 }),
  ]);
}
