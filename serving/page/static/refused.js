// What the service said no to, in words; `status` and `problem` are as it sent them.

import { say } from "./words.js";

export class RefusedError extends Error {
  constructor(status, problem) {
    super(say("failed", { detail: problem.detail ?? String(status) }));
    this.status = status;
    this.problem = problem;
  }
}
