// The account's own posts most like the draft, with what they really got.

import { el } from "./dom.js";
import { date, say, words } from "./words.js";

export function drawNearest(body, answer) {
  if (!answer.posts.length) {
    body.replaceChildren(el("p", { class: "hint" }, words.similar_none));
    return;
  }
  body.replaceChildren(el("ol", { class: "nearest" }, answer.posts.map(post)));
}

function post(one) {
  return el("li", {}, [
    el("p", { class: "excerpt" }, one.text),
    el("p", { class: "hint figures" }, [
      el("b", {}, one.shares === null ? words.shares_unknown : say("shares", { n: one.shares })),
      el("span", {}, relative(one.relative)),
      el("time", { datetime: one.published_at }, date(one.published_at)),
      el("span", {}, one.alike > 1 ? say("more_alike", { n: one.alike - 1 }) : ""),
    ]),
  ]);
}

function relative(value) {
  if (value === null || value === undefined) return "";
  const step = [-1, -0.33, 0.33, 1].filter((edge) => value > edge).length;
  return words[`relative_${step}`];
}
