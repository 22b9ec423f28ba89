// The coming week as a heat map of hours; it says so when the hour makes no difference.

import { el, svg } from "./dom.js";
import { date, moment, odds, say, words } from "./words.js";

// On a phone the picture shrinks, so what is written in it is larger.
const narrow = matchMedia("(max-width: 40rem)");

export function drawWeek(body, answer, plan) {
  const { hours, timezone } = answer;
  if (!hours?.length) {
    body.replaceChildren(el("p", { class: "hint" }, answer.message ?? words.when_none));
    return;
  }
  if (!answer.matters) {
    body.replaceChildren(el("p", {}, words.when_same), el("p", { class: "hint" }, words.when_from));
    return;
  }
  body.replaceChildren(
    el("p", {}, words.when_matters),
    best(answer, plan),
    map(hours, timezone),
    el("p", { class: "hint" }, `${say("when_zone", { zone: timezone })} ${words.when_from}`),
  );
}

function best(answer, plan) {
  const found = new Map(answer.hours.map((hour) => [hour.at, hour]));
  return el("ul", { class: "best-hours" }, answer.best.map((at) => el("li", {}, [
    el("button", { type: "button", class: "quiet", onclick: () => plan(new Date(at)) }, [
      moment(at, answer.timezone), el("span", { class: "sr" }, ` – ${words.when_plan}`),
    ]),
    el("span", { class: "hint" }, found.has(at) ? say("when_odds", { odds: odds(found.get(at).beats_median_hour).toLocaleLowerCase() }) : ""),
  ])));
}

function map(hours, zone) {
  const left = narrow.matches ? 104 : 64;
  const days = Map.groupBy(hours, (hour) => date(hour.at, { timeZone: zone, year: "numeric", month: "numeric", day: "numeric" }));
  const values = hours.map((hour) => hour.score.value);
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  const level = (value) => Math.min(4, Math.floor((5 * (value - low)) / span));
  const hourOf = (at) => Number(new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", hourCycle: "h23" }).format(new Date(at)));
  const cells = [...days.values()].flatMap((day, row) => [
    svg("text", { class: "tick", x: 0, y: 22 * row + 15 }, date(day[0].at, { timeZone: zone, weekday: "short", day: "numeric" })),
    ...day.map((hour) => svg("rect", {
      class: `heat h${level(hour.score.value)}`, x: left + 19 * hourOf(hour.at), y: 22 * row, width: 17, height: 19, rx: 4,
    }, svg("title", {}, `${moment(hour.at, zone)}: ${say("when_odds", { odds: odds(hour.beats_median_hour).toLocaleLowerCase() })}`))),
  ]);
  const bottom = 22 * days.size;
  const ticks = [0, 6, 12, 18, 23].map((hour) => svg("text", { class: "tick", x: left + 19 * hour + 8, y: bottom + 17, "text-anchor": "middle" }, String(hour)));
  return svg("svg", { class: narrow.matches ? "week narrow" : "week", viewBox: `0 0 ${left + 24 * 19} ${bottom + 22}`, "aria-hidden": "true" }, [...cells, ...ticks]);
}
