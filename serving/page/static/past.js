// Import of past posts: a file goes up, the service tells how far it got, what it refused comes back.

import { byId, download, el, kept, keep, table } from "./dom.js";
import { matchedText, onFile, problemRows, zone } from "./drop.js";
import { clearFaults, showFault } from "./faults.js";
import { RefusedError, whatIsWrong } from "./refused.js";
import { askForKey } from "./signin.js";
import { ask, teller } from "./service.js";
import { date, number, say, words } from "./words.js";

const form = byId("import");
const going = byId("going");
const tell = teller(byId("status"));
let failed = null;

function send(file) {
  clearFaults(form);
  offerAgain(null);
  const data = new FormData(form);
  const query = new URLSearchParams({
    name: file.name, zone: zone(), changed: new Date(file.lastModified).toISOString(),
  });
  for (const name of ["account_id", "platform", "day_first"]) {
    const value = data.get(name)?.trim();
    if (value) query.set(name, value);
  }
  // fetch does not tell how much has gone up; this does.
  const request = new XMLHttpRequest();
  request.open("POST", `/v1/page/import?${query}`);
  request.upload.addEventListener("progress", (event) => show(words.uploading, (100 * event.loaded) / event.total));
  request.addEventListener("progress", () => follow(request.responseText));
  request.addEventListener("load", () => finish(request, file));
  request.addEventListener("error", () => stop(words.away_once));
  byId("summary").hidden = true;
  show(words.uploading, 0);
  request.send(file);
}

function show(text, percent) {
  tell(text);
  going.hidden = false;
  if (percent === undefined) going.removeAttribute("value");
  else going.value = percent;
}

function stop(trouble = "") {
  going.hidden = true;
  tell(trouble, Boolean(trouble));
}

const lines = (text) => text.split("\n").filter(Boolean);

function follow(text) {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const last = JSON.parse(lines(whole).at(-1) ?? "{}");
  if (last.stage) show(say(`stage_${last.stage}`, { n: last.posts ?? 0 }));
}

async function finish(request, file) {
  if (request.status === 401 || request.status === 403) {
    stop();
    return askForKey(request.status).then(() => send(file), (error) => stop(error.message));
  }
  const answers = lines(request.responseText).map((line) => JSON.parse(line));
  if (request.status !== 200) return stop(new RefusedError(request.status, answers[0] ?? {}).message);
  const { done, failed: why = "", missing = [], problems = [] } = answers.at(-1);
  if (!done) {
    stop(say("failed", { detail: why }));
    refusedWhole(problems, file);
    return askFor(missing, file);
  }
  stop();
  summary(done, file);
  return tell(told(done, await accounts()));
}

// With what the account has by now, where the file is of a single one.
function told(done, known) {
  const n = done.added + done.updated + done.unchanged;
  const [account, ...others] = done.accounts;
  const now = known.find(({ platform, account_id }) => platform === account.platform && account_id === account.account_id);
  return others.length || !now ? say("imported", { n }) : say("imported_to", { n, all: now.posts });
}

// Where all that a file lacks can be given here, it is asked for at its fields.
function askFor(missing, file) {
  const fields = missing.map((name) => form.elements[name]);
  if (!fields.length || !fields.every(Boolean)) return;
  tell(`${byId("status").textContent} ${say("missing_given", { section: byId("given").textContent })}`, true);
  for (const field of fields) showFault({ field, what: whatIsWrong({ field: field.name }) });
  fields[0].focus();
  offerAgain(file);
}

function offerAgain(file) {
  failed = file;
  byId("retry").hidden = !file;
  byId("retry-file").textContent = file ? say("try_again", { name: file.name }) : "";
}

// Why no row of a file can be used.
function refusedWhole(problems, file) {
  byId("summary").hidden = !problems.length;
  byId("summary-title").textContent = file.name;
  byId("summary-body").replaceChildren(problemRows(problems));
}

function summary(done, file) {
  byId("summary").hidden = false;
  byId("summary-title").textContent = file.name;
  byId("summary-body").replaceChildren(...[
    el("dl", { class: "tiles" }, ["added", "updated", "unchanged", "refused"].map((name) => el("div", {}, [
      el("dt", {}, words[`sum_${name}`]), el("dd", {}, number(done[name])),
    ]))),
    el("p", { class: "hint" }, [
      matchedText(done.columns), done.naive_times ? say("naive", { n: done.naive_times, zone: zone() }) : "",
      done.midnights ? say("midnights", { n: done.midnights }) : "",
      done.too_young ? say("too_young", { n: done.too_young }) : "",
      done.without_shares ? say("without_shares", { n: done.without_shares }) : "",
      done.told_apart ? say("told_apart", { n: done.told_apart }) : "",
      done.renamed ? say("renamed", { n: done.renamed }) : "",
      done.clashes ? say("clashes", { n: done.clashes }) : "",
      done.duplicates ? say("duplicates", { n: done.duplicates }) : "",
      done.blank_texts ? say("blank_texts", { n: done.blank_texts }) : "",
    ].filter(Boolean).join(" ")),
    done.refused ? el("h3", {}, say("problems", { n: done.refused })) : "",
    done.refused ? problemRows(done.problems) : "",
    done.refused ? el("p", { class: "row" }, el("button", {
      type: "button", class: "quiet", onclick: () => download(`${file.name}.refused.csv`, `\ufeff${done.refused_rows}`, "text/csv"),
    }, words.refused_download)) : "",
    el("p", { class: "row" }, done.accounts.slice(0, 3).map((account) => el("a", { class: "button quiet", href: "/", onclick: () => use(account) }, say("write_for", { name: account.account_id })))),
  ].filter(Boolean));
}

// The draft desk opens with the account that was just imported.
function use({ platform, account_id }) {
  keep("draft.fields", { ...kept("draft.fields", {}), platform, account_id });
}

async function accounts() {
  const { accounts: known } = await ask("/v1/accounts", { tell }).catch(() => ({ accounts: [] }));
  if (!known.length) {
    byId("known").replaceChildren(el("p", { class: "hint" }, words.accounts_none));
    return known;
  }
  const rows = known.map((account) => [
    account.account_id, account.platform, number(account.posts), date(account.first), date(account.last),
  ]);
  byId("known").replaceChildren(el("div", { class: "scroll tall", tabindex: "0", role: "group", "aria-label": words.accounts_table },
    table(words.accounts_table, words.accounts_heads.split("|"), rows)));
  return known;
}

onFile("file", send);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (failed) send(failed);
});
accounts();
