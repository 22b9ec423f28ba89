// What the page says, and how it writes numbers, dates and odds in the reader's language.

export const words = JSON.parse(document.getElementById("words").textContent);
export const language = document.documentElement.lang;
// The reader's own kind of English or Polish where the browser names one: 11/28 or 28/11.
const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
const plurals = new Intl.PluralRules(language);

export function say(key, values = {}) {
  const found = words[key];
  const pattern = typeof found === "string" ? found : found[plurals.select(values.n)] ?? found.other;
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => written(values[name]) ?? whole);
}

function written(value) {
  return typeof value === "number" ? number(value) : value;
}

export function number(value, digits = 0) {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative",
  }).format(value).replace("-", "−");
}

export function signed(value, digits = 2) {
  const size = number(Math.abs(value), digits);
  return `${value < 0 ? "−" : "+"}${size}`;
}

// The 90% interval of a forecast, whatever it is shown times.
export function band({ low, high }, times = 1) {
  return say("interval", { low: number(times * low), high: number(times * high) });
}

const alternatives = new Intl.ListFormat(locale, { type: "disjunction" });

// "joy", "joy or fear", "joy, fear or anger".
export const oneOf = (list) => alternatives.format(list);

export function percent(value) {
  const shown = Math.min(Math.max(value, 0.01), 0.99);
  return new Intl.NumberFormat(locale, { style: "percent" }).format(value === 1 ? 1 : shown);
}

export function date(value, style = { dateStyle: "medium" }) {
  return new Intl.DateTimeFormat(locale, style).format(new Date(value));
}

// The year is said where it is not the running one.
export function moment(value, timeZone) {
  const yearOf = (at) => date(at, { year: "numeric", timeZone });
  return date(value, {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone,
    year: yearOf(value) === yearOf(Date.now()) ? undefined : "numeric",
  });
}

// "2026-12-05T08:00" on the clocks of a zone, or of the browser; Swedish dates are written so.
export function localMinute(at, timeZone) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone }).format(at).replace(" ", "T");
}

const FRACTIONS = [[1, 10], [1, 5], [1, 4], [1, 3], [2, 5], [1, 2], [3, 5], [2, 3], [3, 4], [4, 5], [9, 10]];

// Odds as people say them: the nearest simple fraction, and whether it is the end of the scale.
export function fraction(probability) {
  const off = ([a, b]) => Math.abs(a / b - probability);
  return FRACTIONS.reduce((best, next) => (off(next) < off(best) ? next : best));
}

export function odds(probability) {
  if (probability >= 0.97) return words.odds_sure;
  if (probability <= 0.03) return words.odds_never;
  const [a, b] = fraction(probability);
  return say("odds_in", { a, b, n: a });
}

const NEAR_A_LEAD = "3/5";
const LEAD = 0.6 - 1e-6;
const CLOSEST = 0.59;

// The odds between two drafts, inside a sentence. About 3 in 5 stands on both sides of where a lead
// begins, 60%: there the per cent are said too, of a tie at most 59, so that it does not show as a lead.
export function rivalOdds(probability) {
  const said = odds(probability).toLocaleLowerCase();
  const shown = probability < LEAD ? Math.min(probability, CLOSEST) : probability;
  return fraction(probability).join("/") === NEAR_A_LEAD ? `${said} (${percent(shown)})` : said;
}

export function strength(value) {
  const step = [0.12, 0.3, 0.5, 0.7].filter((edge) => value >= edge).length;
  return words[`strength_${step}`];
}
