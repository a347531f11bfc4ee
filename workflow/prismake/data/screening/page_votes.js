// What the person decided, record by record. Each record is kept under a name of its own in the browser's storage, with
// the time of its last change: so two tabs never overwrite each other's work, and of two votes the later one wins.

// Of a duplicate, `reason` is the id of the report that it is a duplicate of.
const BLANK = { decision: "", reason: "", note: "", time: "" };
const votes = data.records.map(() => BLANK);
const steps = []; // what can be undone, oldest first; it survives a reload of this tab
const unkept = new Set(); // records whose vote the browser did not take

const storage = reach("localStorage");
const session = reach("sessionStorage");

function reach(name) {
  try {
    return window[name]; // throws where the browser is told to keep nothing
  } catch {
    return null;
  }
}

function recall(name, from = storage) {
  try {
    return JSON.parse(from.getItem(`${data.key}:${name}`));
  } catch {
    return null;
  }
}

// Returns whether the browser took it: storage can be forbidden or full.
function remember(name, value, to = storage) {
  try {
    to.setItem(`${data.key}:${name}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function keep(i) {
  unkept.add(i);
  for (const each of unkept) {
    const { decision, reason, note, time } = votes[each];
    if (!remember(each, [decision, reason, note, time])) return;
    unkept.delete(each);
  }
}

// Takes a vote from elsewhere (storage, another tab, a file) unless the one here is as late or later.
function takeOver(i, vote) {
  if (!(vote.time > votes[i].time)) return false;
  votes[i] = vote;
  return true;
}

// Reads what the browser has kept, by this tab or another.
function readKept() {
  data.records.forEach((_, i) => {
    const [decision, reason, note, time] = recall(i) ?? [];
    if (time) takeOver(i, { decision, reason, note, time });
  });
}

function readSteps() {
  for (let step; (step = recall(`step ${steps.length}`, session)); ) steps.push(step);
}

// Now, in ISO 8601 and UTC, but always later than the vote it replaces, also when the clock was put back.
function timeAfter(earlier) {
  return new Date(Math.max(Date.now(), earlier ? Date.parse(earlier) + 1 : 0)).toISOString();
}

function change(i, fields) {
  votes[i] = { ...votes[i], ...fields, time: timeAfter(votes[i].time) };
  keep(i);
}

function decide(i, decision, reason = "") {
  const { decision: old, reason: oldReason } = votes[i];
  if (old === decision && oldReason === reason) return;
  change(i, { decision, reason });
  const step = { i, before: [old, oldReason], after: [decision, reason] };
  remember(`step ${steps.length}`, step, session);
  steps.push(step);
}

// Takes the last decision back and returns its record, null when there is none; its note stays. A record that was
// decided otherwise meanwhile, in another tab or by a file, is passed over.
function undo() {
  while (steps.length) {
    const { i, before, after } = steps.pop();
    remember(`step ${steps.length}`, null, session);
    if (votes[i].decision !== after[0] || votes[i].reason !== after[1]) continue;
    change(i, { decision: before[0], reason: before[1] });
    return i;
  }
  return null;
}

function lastChange() {
  return votes.reduce((latest, vote) => (vote.time > latest ? vote.time : latest), "");
}

// Takes over the votes of a saved file. A row without a time, as a form saved as CSV has, fills only what is blank here.
function takeFile(rows) {
  const places = new Map(data.records.map((record, i) => [record.id, i]));
  const decisions = new Set(data.decisions.map((decision) => decision.value));
  const told = { taken: 0, older: 0, strange: 0 };
  for (const row of rows) {
    const i = places.get(row.record_id);
    const named = row.decision === "duplicate" ? row.duplicate_of : row.reason;
    const [decision, reason, note] = [row.decision, named, row.note].map((text) => text ?? "");
    if (!decision && !note && !row.time) continue;
    const reasoned = decision === "duplicate"
      ? reason && reason !== row.record_id : !data.reasonNeeded || decision !== "exclude" || data.reasons.includes(reason);
    if (i === undefined || (decision && !decisions.has(decision)) || !reasoned) {
      told.strange += 1;
      continue;
    }
    const here = votes[i];
    if (decision === here.decision && reason === here.reason && note === here.note) continue;
    const moment = Date.parse(row.time ?? "");
    const time = moment ? new Date(moment).toISOString() : here.time ? "" : timeAfter("");
    if (takeOver(i, { decision, reason, note, time })) {
      keep(i);
      told.taken += 1;
    } else {
      told.older += 1;
    }
  }
  return told;
}
