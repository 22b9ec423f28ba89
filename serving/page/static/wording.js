// Which words of two texts are their own: the longest common sequence of words is what they share.

const LONGEST = 1200;

// Two texts that share little are left unmarked: everything would be marked.
const LEAST_SHARED = 0.25;

// Returns for each text its parts in order, as [part, whether the other text lacks it].
export function differences(first, second) {
  const [a, b] = [first, second].map((text) => text.match(/\s*\S+/g) ?? []);
  const plain = [[[first, false]], [[second, false]]];
  if (a.length > LONGEST || b.length > LONGEST) return plain;
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = same(a[i], b[j]) ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths[0][0] < LEAST_SHARED * Math.max(a.length, b.length) ? plain : walk(a, b, lengths);
}

const same = (one, other) => one.trim() === other.trim();

function walk(a, b, lengths) {
  const [one, other] = [[], []];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && same(a[i], b[j])) {
      add(one, a[i], false);
      add(other, b[j], false);
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1])) {
      add(one, a[i], true);
      i += 1;
    } else {
      add(other, b[j], true);
      j += 1;
    }
  }
  return [one, other];
}

function add(parts, word, own) {
  const last = parts.at(-1);
  if (last?.[1] === own) last[0] += word;
  else parts.push([word, own]);
}
