// Small makers of elements; what they are given as children is text or nodes, never markup.

export const byId = (id) => document.getElementById(id);

function made(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...[children].flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function el(name, attributes = {}, children = []) {
  return made(document.createElement(name), attributes, children);
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, children = []) {
  return made(document.createElementNS(SVG, name), attributes, children);
}

// A table with a header row; cells are text or nodes.
export function table(caption, heads, rows) {
  return el("table", {}, [
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows.map(([first, ...rest]) => el("tr", {}, [
      el("th", { scope: "row" }, first), ...rest.map((cell) => el("td", {}, cell)),
    ]))),
  ]);
}

export function download(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

// Says something to those who listen, once: a region that chatters is turned off.
export function announce(region, text) {
  if (region.textContent !== text) region.textContent = text;
}

// Each tab has its own, so that two of them do not overwrite each other; a new tab begins with
// what was kept last in any of them.
export function kept(name, otherwise) {
  const key = `prescore.${name}`;
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(name, value) {
  const key = `prescore.${name}`;
  const written = JSON.stringify(value);
  try {
    if (sessionStorage.getItem(key) === written) return;
    for (const store of [sessionStorage, localStorage]) store.setItem(key, written);
  } catch { /* a full or forbidden store loses nothing that is on the screen */ }
}
