// Runs before the first paint, so that nothing flashes: a chosen theme, else that of the system.
"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => { try { return localStorage.getItem("prescore.theme"); } catch { return null; } };
  const show = () => { root.dataset.theme = kept() ?? (dark.matches ? "dark" : "light"); };
  show();
  dark.addEventListener("change", show);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#theme")) return;
    const next = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("prescore.theme", next); } catch { /* shown, though not kept */ }
    root.dataset.theme = next;
  });
})();
