// Single keys, on keyboards of any layout.

const keys = {
  u: takeBack, n: () => move(1), arrowright: () => move(1), p: () => move(-1), arrowleft: () => move(-1),
  g: goUndecided, l: openList, t: () => at.note.focus(), "/": () => at.words.focus(),
  "?": () => at.helpDialog.showModal(),
};
for (const { value, key } of data.decisions) keys[key] = () => choose(value);
data.reasons.slice(0, 9).forEach((reason, k) => { keys[k + 1] = () => choose("exclude", reason); });

// The name of the key in `keys`: what it types or, where that is a letter of another script (Cyrillic, say) or a digit
// takes shift (French), what the key at this place types in the United States.
function nameOf(event) {
  const typed = event.key.toLowerCase();
  if (keys[typed] || typed.length > 1 || /[a-z]/.test(typed)) return typed;
  const [, letter, digit] = /^(?:Key([A-Z])|Digit(\d))$/.exec(event.code) ?? [];
  if (letter && /\p{L}/u.test(typed)) return letter.toLowerCase();
  return event.shiftKey ? typed : digit;
}

document.addEventListener("keydown", (event) => {
  // Keys that belong to an input method: 229 in Safari, also for the Enter that ends it.
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape" && event.target === at.words) {
    at.words.value = "";
    filter();
  }
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) document.activeElement.blur();
  const typing = event.target.matches("input, textarea, select");
  if (typing || document.querySelector("dialog[open]")) return;
  if (["Control", "Meta", "Alt", "AltGraph"].some((key) => event.getModifierState(key))) return;
  const action = keys[nameOf(event)];
  const moving = event.key.startsWith("Arrow");
  if (moving && event.shiftKey) return; // marks text
  if (!action || !(at.keys.checked || moving) || (event.repeat && !moving)) return;
  event.preventDefault();
  action();
});
