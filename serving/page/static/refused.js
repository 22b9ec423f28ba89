// What the service said no to, in words; `status` and `problem` are as it sent them.

import { say, words } from "./words.js";

export class RefusedError extends Error {
  constructor(status, problem) {
    super(say("failed", { detail: wrongField(problem) ?? wrong(problem) ?? String(status) }));
    this.status = status;
    this.problem = problem;
  }
}

// `posts[3].followers` is the field that people know as followers.
function wrongField({ errors }) {
  if (!errors?.length) return undefined;
  const [error] = errors;
  const name = nameIn(error);
  return say("wrong_field", { field: words[`column_${name}`] ?? name, what: whatIsWrong(error) });
}

export const nameIn = ({ field }) => field.split(".").at(-1);

export function whatIsWrong(error) {
  const expected = words[`expect_${nameIn(error)}`];
  return words[`wrong_${error.code}`] ?? (expected ? say("wrong_expected", { expected }) : words.wrong_here);
}

// A file that cannot be used is told in the language of the page already.
function wrong(problem) {
  const key = `problem_${codeOf(problem)}`;
  return words[key] ? say(key, { megabytes: problem.most_bytes / 1e6 }) : problem.detail;
}

// `urn:prescore:problem:queue-full` is `queue_full` in names of words; empty for what is no problem document.
export const codeOf = ({ type = "" }) => type.split(":").at(-1).replaceAll("-", "_");
