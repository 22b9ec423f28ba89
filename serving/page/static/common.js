// Words, numbers and requests that both views share.

export const words = JSON.parse(document.getElementById("words").textContent);
const locale = document.documentElement.lang;

export const byId = (id) => document.getElementById(id);

export function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function number(value, digits = 0) {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: "negative",
  }).format(value).replace("-", "−");
}

export function noteText(note) {
  return words[`note_${note.code}`] ?? note.message;
}

export function odds(probability) {
  if (probability >= 0.97) return words.odds_sure;
  if (probability <= 0.03) return words.odds_never;
  if (Math.abs(probability - 0.5) < 0.03) return words.odds_even;
  const fractions = [[1, 10], [1, 5], [1, 4], [1, 3], [2, 5], [3, 5], [2, 3], [3, 4], [4, 5], [9, 10]];
  const near = ([a, b]) => Math.abs(a / b - probability);
  const [a, b] = fractions.reduce((best, next) => (near(next) < near(best) ? next : best));
  return say("odds_in", { a, b });
}

// The fields under the text, as the API takes them; what is left empty is not sent.
export function setting(form) {
  const data = new FormData(form);
  const post = {};
  for (const name of ["platform", "account_id", "media_type", "language"]) {
    const value = (data.get(name) ?? "").trim();
    if (value) post[name] = value;
  }
  if (data.get("published_at")) {
    const at = new Date(data.get("published_at"));
    if (!Number.isNaN(at.getTime())) post.published_at = at.toISOString();
  }
  if (post.published_at) post.timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (data.get("followers")) post.followers = Number(data.get("followers"));
  if (data.get("is_paid")) post.is_paid = true;
  return post;
}

const RETRY = 2000;

// Posts JSON; waits and asks again while the service is away, busy or starting.
export async function ask(path, body, signal, tell) {
  for (;;) {
    let response;
    try {
      response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      tell(words.away);
      await pause(RETRY, signal);
      continue;
    }
    const answer = await response.json();
    if (response.ok) return answer;
    if (response.status === 429) {
      const seconds = Number(response.headers.get("Retry-After")) || 1;
      tell(say("busy", { n: seconds }));
      await pause(seconds * 1000, signal);
    } else if (response.status === 503) {
      tell(words.starting);
      await pause(RETRY, signal);
    } else {
      throw new Error(say("failed", { detail: answer.detail }));
    }
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("", "AbortError"));
    }, { once: true });
  });
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, children = []) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function element(name, attributes = {}, children = []) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function showVersions(models) {
  byId("versions").textContent = say("versions", {
    emotion: models.emotion.version,
    share: models.share.version,
  });
}

export function showNotes(list, notes) {
  list.replaceChildren(...notes.map((note) => element("li", {}, [noteText(note)])));
}
