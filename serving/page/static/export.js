// The ranking as a file: all of it, in order, with the versions and the date.

import { forecast, wholeCoverage } from "./coverage.js";
import { byId, download } from "./dom.js";
import { zone } from "./drop.js";
import { strongest } from "./emotions.js";
import { whyNot } from "./notes.js";
import { askForKey } from "./signin.js";
import { date, localMinute, say, words } from "./words.js";

const round = (value, digits = 0) => (value === null || value === undefined ? null : Number(value.toFixed(digits)));

export async function exportAs(kind, answer, items, made) {
  const sheet = { kind, title: words.sheet, heads: words.sheet_heads.split("|"), rows: rows(answer, items), about: about(answer, items, made) };
  const response = await fetch("/v1/page/export", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sheet),
  }).catch(() => null);
  if (response?.status === 401 || response?.status === 403) {
    await askForKey(response.status);
    return exportAs(kind, answer, items, made);
  }
  if (!response?.ok) {
    byId("status").textContent = words.export_failed;
    return undefined;
  }
  return download(`prescore-${made.toISOString().slice(0, 10)}.${kind}`, await response.blob());
}

// One that has no rival has no odds either.
function rows(answer, items) {
  const rivals = answer.candidates.some((one) => one.rank === 2);
  return answer.candidates.map((one) => row(rivals ? one : { ...one, best: null }, items[one.index]));
}

function row(one, item) {
  const { share, emotion } = one.score;
  const { post } = item;
  const told = share ? [
    round(one.best === null ? null : 100 * one.best), round(one.beats_next === null ? null : 100 * one.beats_next), round(share.percentile.value),
    round(share.percentile.low), round(share.percentile.high), round(share.expected_shares?.value),
    ...strongestFeeling(emotion), round(100 * emotion.overall.value), null,
  ] : [null, null, null, null, null, null, null, null, null, whyNot(one.score.reason, post.text)];
  return [one.rank, one.tier, ...asked(post), item.row ?? null, ...told];
}

// All that the figures go by, so that they come out the same when the file is read back.
function asked(post) {
  const { published_at: at, timezone, is_paid: paid } = post;
  const planned = at ? { at: localMinute(new Date(at), timezone) } : null;
  return [
    post.text, post.platform, post.account_id, planned, timezone, post.media_type, post.followers,
    paid === undefined ? null : words[paid ? "yes" : "no"], post.language,
  ].map((value) => value ?? null);
}

function strongestFeeling(emotion) {
  const name = strongest(emotion)[0];
  return name ? [words[name], round(100 * emotion[name].value)] : [null, null];
}

function about(answer, items, made) {
  const models = answer.candidates[0].score.models;
  return [
    date(made, { dateStyle: "long", timeStyle: "short" }), made.toISOString(), zone(),
    `${models.emotion.name} ${models.emotion.version}, ${models.share.name} ${models.share.version}`,
    models.encoder, wholeCoverage(forecast(answer, items)), words.sheet_how, words.promise,
  ];
}
