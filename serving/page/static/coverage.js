// How often ranges of a list are right; where nobody has measured that, it is said.

import { platformName } from "./labels.js";
import { emotionMeasured, shareMeasured } from "./notes.js";
import { say, words } from "./words.js";

// Candidates with a forecast, each beside its item.
export function forecast(answer, items) {
  return answer.candidates.filter((one) => one.score.share).map((one) => ({ one, item: items[one.index] }));
}

// Of how far drafts travel.
export function shareCoverage(drafts) {
  const unmeasured = drafts.filter(({ one }) => !shareMeasured(one.score));
  if (!unmeasured.length) return words.bands;
  const list = [...new Set(unmeasured.map(({ item }) => platformName(item.post.platform)))].join(", ");
  return say(unmeasured.length < drafts.length ? "bands_partly" : "bands_unmeasured", { list });
}

// Of what people feel as well.
export function wholeCoverage(drafts) {
  const measured = drafts.every(({ one }) => emotionMeasured(one.score));
  return [shareCoverage(drafts), measured ? "" : words.bands_emotions].filter(Boolean).join(" ");
}
