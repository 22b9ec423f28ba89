// A field that the service said no to is marked, and told what it expects, right where it stands.

import { el } from "./dom.js";
import { words } from "./words.js";

export function clearFaults(form) {
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  for (const told of form.querySelectorAll(".fault")) told.remove();
}

// The fields that an error is about; none where it is about something else.
export function faultsOf(form, error) {
  const names = (error.problem?.errors ?? []).map(({ field }) => field);
  return [...form.querySelectorAll(".fields [name]")].filter((field) => names.includes(field.name));
}

export const nameOf = (field) => field.closest("label").firstChild.textContent.trim();

export function showFault(field) {
  const id = `fault-${field.name}`;
  const hidden = field.closest("details");
  if (hidden) hidden.open = true;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  const told = el("p", { id, class: "fault bad" }, words[`field_${field.name}`] ?? words.field_other);
  field.closest("label").after(told);
  if (field === document.activeElement) told.scrollIntoView({ block: "nearest" });
}
