// The ranking board: drafts pasted or dropped, put in order by the service, with honest ties.

import { Board, scored } from "./board.js";
import { byId, el, keep, kept } from "./dom.js";
import { matchedText, onFile, problemRows, zone } from "./drop.js";
import { knownAccounts, restore, setting, watch } from "./fields.js";
import { RefusedError } from "./refused.js";
import { askForKey } from "./signin.js";
import { ask, teller } from "./service.js";
import { warningsOf } from "./warnings.js";
import { say, words } from "./words.js";

const form = byId("drafts");
const box = byId("texts");
const most = Number(form.dataset.most);
const tell = teller(byId("status"));
const board = new Board();
let file = kept("board", {}).file ?? null;
let listed = null;
let running = new AbortController();

// Empty lines around all of it part nothing; one inside parts blocks, whoever put it there, and the
// count below the box says so.
function pasted() {
  const blocks = box.value.trim().split(/\n\s*\n/);
  const inBlocks = blocks.length > 1;
  const texts = (inBlocks ? blocks : blocks[0].split("\n")).map((draft) => draft.trim()).filter(Boolean);
  return { inBlocks, rows: texts.map((text) => ({ post: { text } })) };
}

// What a row says itself goes before what the fields say for all.
function drafts() {
  const shared = setting(form);
  const { rows } = file ?? pasted();
  return rows.map(({ row, id, post }) => ({ row, id, own: post, post: { ...shared, ...post } }));
}

function settle() {
  byId("count").textContent = file ? "" : countText(pasted());
  byId("paste").hidden = Boolean(file);
  byId("read").hidden = !file;
  if (file) byId("read").replaceChildren(...readText());
  drawProblems();
  freshen();
}

function countText({ inBlocks, rows }) {
  const found = rows.length ? say("drafts_found", { n: rows.length }) : "";
  return rows.length > 1 ? `${found}: ${inBlocks ? words.by_blocks : words.by_lines}` : found;
}

// A list of other drafts than those that stand here now is dimmed and says so.
function freshen() {
  const stale = listed !== null && listed !== asSent(drafts());
  byId("stale").hidden = !stale;
  byId("ranking").classList.toggle("stale", stale);
}

const asSent = (items) => JSON.stringify(items.map(({ post }) => post));

// The list itself is made anew after a reload, from what this browser keeps.
function remember(items) {
  listed = items && asSent(items);
  keep("listed", listed !== null);
  freshen();
}

function readText() {
  const drop = el("button", { type: "button", class: "bare", onclick: () => { file = null; settle(); save(); box.focus(); } }, words.file_drop);
  return [
    el("p", {}, [el("b", {}, file.name), " ", say("drafts_found", { n: file.rows.length }), drop]),
    el("p", { class: "hint" }, [matchedText(file.columns), file.midnights ? say("midnights", { n: file.midnights }) : "", words.fields_fill, file.left_out ? say("left_out", { n: file.left_out }) : "", file.cut ? say("cut", { n: file.cut, most: Number(form.dataset.mostCharacters) }) : ""].filter(Boolean).join(" ")),
  ];
}

function drawProblems() {
  const wrong = file?.problems ?? [];
  byId("problems").hidden = !wrong.length;
  if (!wrong.length) return;
  byId("problems-title").textContent = say("problems", { n: wrong.length });
  byId("problem-rows").replaceChildren(problemRows(wrong));
}

// The newest wins: whatever was under way is let go, and says no more.
function begin() {
  running.abort();
  running = new AbortController();
  byId("going").hidden = true;
  const { signal } = running;
  return { signal, told: (...said) => { if (!signal.aborted) tell(...said); } };
}

async function take(dropped) {
  const { signal, told } = begin();
  told(say("reading", { name: dropped.name }));
  const query = new URLSearchParams({ name: dropped.name, zone: zone() });
  try {
    const answer = await upload(`/v1/page/candidates?${query}`, dropped, signal);
    if (signal.aborted) return;
    file = { name: dropped.name, ...answer };
    settle();
    save();
    await rankNow();
  } catch (error) {
    told(error.message, true);
  }
}

async function upload(path, content, signal) {
  const response = await fetch(path, { method: "POST", body: content, signal }).catch(() => { throw new Error(words.away_once); });
  if (response.ok) return response.json();
  if (response.status === 401 || response.status === 403) {
    await askForKey(response.status);
    return upload(path, content, signal);
  }
  throw new RefusedError(response.status, await response.json().catch(() => ({})));
}

async function rankNow() {
  const { signal, told } = begin();
  const items = drafts();
  if (items.length < 2) return tell(words.need_two, true);
  if (items.length > most) return tell(say("too_many", { n: most }), true);
  tell(say("ranking", { n: items.length }));
  byId("going").hidden = false;
  try {
    const answer = await ask("/v1/rank", { body: { posts: items.map(({ post }) => post) }, signal, tell: told });
    if (!signal.aborted) draw(answer, items);
  } catch (error) {
    told(error.message, true);
  } finally {
    if (!signal.aborted) byId("going").hidden = true;
  }
}

function draw(answer, items) {
  const n = scored(answer).length;
  tell(n === items.length ? say("ranked", { n }) : say("ranked_of", { n, all: items.length }));
  byId("welcome").hidden = true;
  board.draw(answer, items);
  remember(items);
  const warnings = warningsOf(answer, items, form);
  byId("notes").replaceChildren(...warnings);
  byId("know").hidden = !warnings.length;
}

function save() {
  keep("board", { texts: box.value, file });
}

function clear() {
  begin();
  file = null;
  box.value = "";
  form.reset();
  for (const id of ["ranking", "know"]) byId(id).hidden = true;
  byId("welcome").hidden = false;
  remember(null);
  tell("");
  settle();
  save();
  box.focus();
}

box.value = kept("board", {}).texts ?? "";
restore(form, "board");
watch(form, "board");
onFile("file", take);
form.addEventListener("input", () => { settle(); save(); });
form.addEventListener("submit", (event) => { event.preventDefault(); rankNow(); });
byId("again").addEventListener("click", rankNow);
byId("clear").addEventListener("click", clear);
byId("sample").addEventListener("click", () => {
  box.value = byId("samples").content.textContent.trim();
  settle();
  save();
  rankNow();
});
settle();
knownAccounts(form);
if (kept("listed", false)) rankNow();
