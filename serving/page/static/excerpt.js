// A text cut to a few lines, with a button that opens it where something is cut off.

import { el } from "./dom.js";
import { words } from "./words.js";

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (!target.classList.contains("whole")) target.nextSibling.hidden = target.scrollHeight <= target.clientHeight;
  }
});

export function excerpt(text) {
  const shown = el("p", { class: "excerpt" }, text);
  const more = el("button", { type: "button", class: "bare more", hidden: true, "aria-expanded": "false", onclick: turn }, words.whole);
  function turn() {
    const whole = shown.classList.toggle("whole");
    more.setAttribute("aria-expanded", String(whole));
    more.textContent = whole ? words.less : words.whole;
  }
  sizes.observe(shown);
  return [shown, more];
}
