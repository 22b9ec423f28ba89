// How far a post travels: among the account's own past posts where they are known, else among
// posts of others. The picture, the odds and the sentence say the same.

import { byId, el, svg, table } from "./dom.js";
import { ask } from "./service.js";
import { date, fraction, number, odds, say, words } from "./words.js";

const pasts = new Map();

// What an account's posts got, asked for once a minute at most.
async function pastOf(fields, signal) {
  if (!fields.account_id || !fields.platform) return [];
  const key = `${fields.platform}/${fields.account_id}`;
  const known = pasts.get(key);
  if (known && Date.now() - known.at < 60_000) return known.posts;
  const query = new URLSearchParams({ platform: fields.platform, account_id: fields.account_id });
  const { posts } = await ask(`/v1/page/past?${query}`, { signal }).catch((error) => {
    if (signal.aborted) throw error;
    return { posts: [] };
  });
  pasts.set(key, { posts, at: Date.now() });
  return posts;
}

// `measured`: whether ranges were found right as often as they should be.
export async function drawShare(share, measured, fields, signal) {
  const { beats_median: chance, expected_shares: expected, population } = share;
  const own = expected && population.kind === "account" ? await pastOf(fields, signal) : [];
  if (signal.aborted) return "";
  const place = say(`place_${population.kind}`, { n: Math.round(share.percentile.value) });
  const title = chance === null ? place : say(`odds_${population.kind}`, { odds: odds(chance) });
  byId("odds").textContent = title;
  byId("odds-picture").replaceChildren(chance === null ? "" : circles(chance));
  byId("share-picture").replaceChildren(...(own.length > 4 ? [beeswarm(own, expected), told(own)] : [hundred(share.percentile)]));
  const facts = facets(share, measured, own.length > 4, chance === null ? "" : place);
  byId("share-text").textContent = facts;
  return `${title}. ${facts}`;
}

function facets(share, measured, own, place) {
  const { percentile, population, expected_shares: expected } = share;
  const bounds = { low: Math.round(percentile.low), high: Math.round(percentile.high) };
  return [
    expected && say(measured ? "expected" : "expected_unmeasured", {
      value: Math.round(expected.value), low: Math.round(expected.low), high: Math.round(expected.high),
    }),
    place && `${place}.`,
    own ? "" : say(measured ? "place_range" : "place_range_unmeasured", bounds),
    measured ? "" : words.range_unmeasured,
    say(`population_${population.kind}`, { n: population.size }),
  ].filter(Boolean).join(" ");
}

// "2 in 3" as three circles, two of them filled.
export function circles(chance) {
  const [a, b] = fraction(chance);
  return svg("svg", { class: "circles", height: 20, width: b * 22, "aria-hidden": "true" },
    Array.from({ length: b }, (_, i) => svg("circle", { class: i < a ? "full" : "hollow", cx: 11 + 22 * i, cy: 10, r: 7 })));
}

function told(own) {
  const rows = own.toReversed().slice(0, 100).map((post) => [date(post.published_at), number(post.shares)]);
  return el("details", {}, [
    el("summary", {}, words.past_table),
    el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": words.past_table },
      table(words.past_table, [words.col_date, words.col_shares], rows)),
  ]);
}

const log = (shares) => Math.log1p(Math.max(0, shares));
const STEPS = [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 1e7];

function beeswarm(own, expected) {
  const counts = own.map((post) => post.shares).sort((a, b) => a - b);
  const last = Math.max(log(counts.at(-1)), log(expected.value) * 1.15, 1);
  const first = Math.min(log(counts[0]), log(expected.value)) > 2.5 ? Math.min(log(counts[0]), log(expected.low), log(expected.value)) * 0.9 : 0;
  const x = (shares) => Math.min(98.5, Math.max(1.5, 2 + (95 * (log(shares) - first)) / (last - first)));
  const middle = counts[Math.floor(counts.length / 2)];
  const ticks = STEPS.filter((step) => log(step) >= first && log(step) <= last);
  return svg("svg", { class: "swarm", height: 150, "aria-hidden": "true" }, [
    svg("rect", { class: "band", x: `${x(expected.low)}%`, y: 40, width: `${x(expected.high) - x(expected.low)}%`, height: 76, rx: 10 }),
    svg("line", { class: "axis", x1: "0%", x2: "100%", y1: 116, y2: 116 }),
    ...ticks.map((step) => svg("text", { class: "tick", x: `${x(step)}%`, y: 132, "text-anchor": "middle" }, number(step))),
    svg("text", { class: "tick", x: "100%", y: 147, "text-anchor": "end" }, words.axis_shares),
    ...stacked(counts, x),
    svg("line", { class: "usual", x1: `${x(middle)}%`, x2: `${x(middle)}%`, y1: 34, y2: 116 }),
    label(x(middle), 30, say("usual", { n: middle }), "usual-label", x(expected.value) > x(middle) ? "end" : "start"),
    svg("line", { class: "now", x1: `${x(expected.value)}%`, x2: `${x(expected.value)}%`, y1: 16, y2: 116 }),
    svg("circle", { class: "dot", cx: `${x(expected.value)}%`, cy: 62, r: 9 }),
    label(x(expected.value), 12, say("this_one", { n: Math.round(expected.value) }), "now-label", x(expected.value) > x(middle) ? "start" : "end"),
  ]);
}

function label(at, y, text, kind, side) {
  const anchor = at < 22 ? "start" : at > 78 ? "end" : side;
  return svg("text", { class: kind, x: `${at}%`, y, dx: { start: 6, end: -6 }[anchor] ?? 0, "text-anchor": anchor }, text);
}

// Dots that would touch are put on top of each other.
function stacked(counts, x) {
  const heights = new Map();
  const tallest = Math.max(...Object.values(Object.groupBy(counts, (count) => Math.round(x(count) / 1.8))).map((group) => group.length));
  const step = Math.min(10.5, 66 / tallest);
  return counts.map((count) => {
    const column = Math.round(x(count) / 1.8);
    const height = heights.get(column) ?? 0;
    heights.set(column, height + 1);
    return svg("circle", { class: "past", cx: `${1.8 * column}%`, cy: 109 - step * height, r: 5 });
  });
}

// A hundred posts in a row: those that this one should leave behind are filled.
export function hundred({ value, low, high }, height = 78) {
  const bars = Array.from({ length: 50 }, (_, i) => svg("rect", {
    class: 2 * i < value ? "beaten" : "track", x: `${2 * i + 0.3}%`, y: 22, width: "1.4%", height: 26, rx: 2,
  }));
  return svg("svg", { class: "hundred", height, "aria-hidden": "true" }, [
    ...bars,
    svg("line", { class: "reach", x1: `${low}%`, x2: `${high}%`, y1: 58, y2: 58 }),
    ...[low, high].map((end) => svg("line", { class: "reach", x1: `${end}%`, x2: `${end}%`, y1: 53, y2: 63 })),
    svg("circle", { class: "dot", cx: `${value}%`, cy: 58, r: 7 }),
    label(0, 14, words.place_worst, "tick", "start"),
    label(100, 14, words.place_best, "tick", "end"),
  ]);
}

// The same in little, for a list.
export function shortPlace({ value, low, high }) {
  return svg("svg", { height: 22, "aria-hidden": "true" }, [
    svg("rect", { class: "track", x: "0%", y: 5, width: "100%", height: 12, rx: 6 }),
    svg("rect", { class: "band", x: `${low}%`, y: 5, width: `${high - low}%`, height: 12, rx: 6 }),
    svg("line", { class: "zero", x1: "50%", x2: "50%", y1: 1, y2: 21 }),
    svg("circle", { class: "dot", cx: `${value}%`, cy: 11, r: 7 }),
  ]);
}
