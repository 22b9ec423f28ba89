// A card that costs more than a score: asked for when it is in sight and the typing has paused.

import { byId, el } from "./dom.js";
import { words } from "./words.js";

const PAUSE = 900;

export function lazily(id, load, draw, wanted = () => true) {
  const card = byId(id);
  const body = card.querySelector(".body");
  let timer;
  let running = new AbortController();
  let seen = false;
  let stale = false;

  async function run() {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    stale = false;
    try {
      const answer = await load(signal);
      if (!signal.aborted) draw(body, answer);
    } catch (error) {
      if (signal.aborted) return;
      // An older service does not have this; anything else is said.
      if (error.status === 404 || error.status === 405) card.hidden = true;
      else body.replaceChildren(el("p", { class: "hint" }, error.message ?? words.away));
    }
  }

  function soon() {
    clearTimeout(timer);
    if (stale && seen) timer = setTimeout(run, PAUSE);
  }

  new IntersectionObserver((entries) => {
    seen = entries.at(-1).isIntersecting;
    soon();
  }, { rootMargin: "200px" }).observe(card);

  return {
    due() {
      card.hidden = !wanted();
      stale = true;
      soon();
    },
    stop() {
      running.abort();
      clearTimeout(timer);
    },
  };
}
