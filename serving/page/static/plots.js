// What a version measured, drawn: every dot has its number beside it.

import { el, svg, table } from "./dom.js";
import { language, number, percent, say, words } from "./words.js";

const rated = (metric) => /coverage|accuracy/.test(metric);
const shown = (metric, value) => (rated(metric) ? percent(value) : number(value, 3));
const titleOf = (metric) => words[`metric_${metric}`] ?? metric;
const rivalOf = (name) => words[`rival_${name}`] ?? name;

// One row a metric: the version with its interval, simpler models as hollow marks, all as numbers.
export function measures(list) {
  return el("dl", { class: "measures" }, list.flatMap((measure) => {
    const rivals = Object.entries(measure.beside ?? {});
    const values = [measure.value, measure.low, measure.high, ...rivals.map(([, value]) => value)].filter((value) => value !== null);
    const [least, most] = bounds(measure.name, values);
    return [
      el("dt", {}, [titleOf(measure.name), el("span", { class: "hint" }, say("rows", { n: measure.n }))]),
      el("dd", {}, [
        scale(measure, least, most, rivals.map(([, value]) => value)),
        el("p", { class: "hint facts" }, [
          el("b", {}, shown(measure.name, measure.value)),
          measure.low === null ? "" : el("span", {}, say("interval", { low: shown(measure.name, measure.low), high: shown(measure.name, measure.high) })),
          ...rivals.map(([name, value]) => el("span", { class: "rival" }, `${rivalOf(name)} ${shown(measure.name, value)}`)),
        ]),
      ]),
    ];
  }));
}

function bounds(metric, values) {
  if (rated(metric)) return [Math.min(0.4, ...values), 1];
  return [Math.min(0, ...values), Math.max(...values) * 1.1 || 1];
}

function scale({ value, low, high }, least, most, rivals = [], wanted = null) {
  const x = (at) => `${Math.min(100, Math.max(0, (100 * (at - least)) / (most - least)))}%`;
  const width = (from, to) => `${Math.max(0.4, (100 * (to - from)) / (most - least))}%`;
  return svg("svg", { height: 22, "aria-hidden": "true" }, [
    svg("rect", { class: "track", x: "0%", y: 6, width: "100%", height: 10, rx: 5 }),
    low === null ? null : svg("rect", { class: "band", x: x(low), y: 6, width: width(low, high), height: 10, rx: 5 }),
    wanted === null ? null : svg("line", { class: "wanted", x1: x(wanted), x2: x(wanted), y1: 0, y2: 22 }),
    ...rivals.map((rival) => svg("circle", { class: "rival-dot", cx: x(rival), cy: 11, r: 5 })),
    svg("circle", { class: "dot", cx: x(value), cy: 11, r: 7 }),
  ]);
}

// A card for each metric and way of grouping, such as coverage by language.
export function groups(list) {
  return list.filter((group) => group.rows.length).map((group) => {
    const wanted = group.metric === "coverage_90" ? 0.9 : null;
    const values = group.rows.flatMap((row) => [row.value, row.low, row.high]).filter((value) => value !== null);
    const [least, most] = wanted === null ? [Math.min(0, ...values), Math.max(...values) * 1.05] : [Math.min(0.6, ...values), 1];
    return el("section", { class: "card" }, [
      el("h3", {}, say(`by_${group.by}`, { metric: titleOf(group.metric) })),
      el("dl", { class: "bars grouped" }, group.rows.flatMap((row) => [
        el("dt", {}, [groupName(group.by, row.name), el("span", { class: "hint" }, ` ${number(row.n)}`)]),
        el("dd", {}, scale(row, least, most, [], wanted)),
        el("dd", { class: "number" }, el("b", {}, shown(group.metric, row.value))),
      ])),
      wanted === null ? "" : el("p", { class: "hint" }, words.wanted_90),
    ]);
  });
}

function groupName(by, name) {
  if (by === "target") return words[name] ?? name;
  if (by === "platform") return name;
  if (name === "und") return words.language_unknown;
  return new Intl.DisplayNames(language, { type: "language" }).of(name) ?? name;
}

const SIZE = 180;

export function curves(list) {
  return list.filter((curve) => curve.forecast.length > 1).map((curve) => {
    const title = words[`curve_${curve.name}`] ?? words[curve.name] ?? curve.name;
    const rows = curve.forecast.map((forecast, i) => [number(forecast, 2), number(curve.observed[i], 2), number(curve.n[i])]);
    return el("figure", {}, [
      el("figcaption", {}, title),
      drawn(curve),
      el("details", {}, [
        el("summary", {}, [words.as_table, el("span", { class: "sr" }, ` ${title}`)]),
        el("div", { class: "scroll wide", tabindex: "0", role: "group", "aria-label": title },
          table(title, [words.col_forecast, words.col_observed, words.col_rows], rows)),
      ]),
    ]);
  });
}

function drawn({ name, forecast, observed }) {
  const least = name === "valence" ? -1 : 0;
  const x = (value) => 24 + ((SIZE - 30) * (value - least)) / (1 - least);
  const y = (value) => SIZE - 22 - ((SIZE - 30) * (value - least)) / (1 - least);
  const points = forecast.map((value, i) => [x(value), y(observed[i])]);
  return svg("svg", { class: "curve", viewBox: `0 0 ${SIZE} ${SIZE}`, "aria-hidden": "true" }, [
    svg("rect", { class: "plot", x: 24, y: 8, width: SIZE - 30, height: SIZE - 30, rx: 6 }),
    svg("line", { class: "zero", x1: x(least), y1: y(least), x2: x(1), y2: y(1) }),
    svg("polyline", { class: "curve-line", points: points.map((point) => point.join(",")).join(" ") }),
    ...points.map(([cx, cy]) => svg("circle", { class: "dot", cx, cy, r: 4 })),
    ...[least, 1].flatMap((value) => [
      svg("text", { class: "tick", x: x(value), y: SIZE - 7, "text-anchor": "middle" }, number(value)),
      svg("text", { class: "tick", x: 18, y: y(value) + 4, "text-anchor": "end" }, number(value)),
    ]),
  ]);
}
