// A field that the service said no to is marked, and told what it expects, right where it stands.

import { el } from "./dom.js";
import { nameIn, whatIsWrong } from "./refused.js";

export function clearFaults(form) {
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  for (const told of form.querySelectorAll(".fault")) told.remove();
}

// The fields that an error is about, each with what is wrong; none where it is about something else.
export function faultsOf(form, error) {
  const errors = new Map((error.problem?.errors ?? []).map((one) => [nameIn(one), whatIsWrong(one)]));
  const fields = [...form.querySelectorAll(".fields [name]")].filter(({ name }) => errors.has(name));
  return fields.map((field) => ({ field, what: errors.get(field.name) }));
}

export const nameOf = (field) => field.closest("label").firstChild.textContent.trim();

export function showFault({ field, what }) {
  const id = `fault-${field.name}`;
  const hidden = field.closest("details");
  if (hidden) hidden.open = true;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  const sentence = `${what[0].toLocaleUpperCase()}${what.slice(1)}.`;
  const told = el("p", { id, class: "fault bad" }, sentence);
  field.closest("label").after(told);
  if (field === document.activeElement) told.scrollIntoView({ block: "nearest" });
}
