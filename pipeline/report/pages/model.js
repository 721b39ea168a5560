// The ratio under other assumptions: the sum of pages/model_sum.py, and the controls that change what goes into it.
// MODEL comes from assumptions-data.js; which choices are switches is listed in choice_words.py.
"use strict";

// --- The sum ---

const LAYERS = ["assumed", "studied"];
// To the penny as the method rounds: halves to the even one.
const pence = (gbp) => {
  const cents = gbp * 100, near = Math.round(cents);
  return (near - cents === 0.5 && near % 2 !== 0 ? near - 1 : near) / 100;
};
const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);

// Every line of value of a state, with its overlap group, ladder and units.
function linesOf(choices, values) {
  const place = (choice) => MODEL.options[choice].indexOf(choices[choice]);
  const time = place("time"), list = place("value_set"), layer = LAYERS.indexOf(choices.deadweight_layer);
  const world = list * MODEL.options.straddling.length + place("straddling");
  const level = choices.unit_value_level;
  const taken = MODEL.parameters.map((each) =>
    each.kind === "unit_cost" && level !== "central" ? each[`at_${level}`] : values[each.id] ?? each.central);
  const runs = MODEL.runs[time], found = [];
  for (const [contract, outcome, isCounted, isNet, ladder, grade, people, units, rates, worlds] of MODEL.rows) {
    if (!(worlds >> world & 1)) continue;
    let rate = layer < 0 ? -1 : rates[layer];
    let rateGrade = rate < 0 ? "" : MODEL.parameters[rate].grade, off = rate < 0 ? 0 : taken[rate];
    if (MODEL.flat !== null && layer >= 0 && !isNet) [rate, rateGrade, off] = [-1, "weak", MODEL.flat];
    for (const [of, cost, hours, factor, perUnit, isFiscal, isTransfer, group, horizon, lists] of MODEL.values) {
      if (of !== outcome || !(lists >> list & 1)) continue;
      const counted = runs && horizon >= 0 ? people * runs[horizon] : units[time];
      const gross = pence(counted * (taken[cost] * factor * (perUnit * (hours < 0 ? 1 : taken[hours]))));
      const grades = [MODEL.parameters[cost].grade, rateGrade, grade];
      const bias = choices.optimism_bias === "none" ? 0 : Math.max(...grades.map((each) => MODEL.bias[each] ?? 0));
      const net = pence(gross * (1 - off) * (1 - bias));
      found.push({ contract, cost, hours, rate, isCounted, isFiscal, isTransfer, people, gross, net, group, ladder, counted });
    }
  }
  return found;
}

// The lines that count, no benefit twice: of a group the ladder with the largest net value.
function countingLines(choices, values) {
  const groups = new Map(), found = [];
  for (const line of linesOf(choices, values)) {
    if (!line.isCounted) continue;
    if (!line.group || choices.set_asides === "none") { found.push(line); continue; }
    const key = `${line.contract} ${line.group}`;
    if (!groups.has(key)) groups.set(key, new Map());
    const ladders = groups.get(key);
    ladders.set(line.ladder, [...(ladders.get(line.ladder) ?? []), line]);
  }
  for (const ladders of groups.values()) {
    const ranked = [...ladders].map(([name, lines]) =>
      ({ name, lines, net: sum(lines.map((each) => each.net)), units: Math.max(...lines.map((each) => each.counted)) }));
    ranked.sort((a, b) => b.net - a.net || b.units - a.units || (a.name < b.name ? -1 : 1));
    found.push(...ranked[0].lines);
  }
  return found.filter((line) => !(line.isTransfer && choices.transfers === "neither"));
}

const withRatios = (sums) => {
  const perPound = (value) => (sums.isInRatio && value !== null && sums.payments ? value / sums.payments : null);
  return { ...sums, ratio: perPound(sums.public), fiscalRatio: perPound(sums.fiscal) };
};
const added = (contracts) => {
  const counted = contracts.filter((each) => each.isInRatio), of = (name) => pence(sum(counted.map((each) => each[name] ?? 0)));
  if (!counted.length) return withRatios({ payments: null, public: null, fiscal: null, isInRatio: false });
  return withRatios({ payments: of("payments"), public: of("public"), fiscal: of("fiscal"), isInRatio: true });
};

// What a state brings to the market, each area and each contract, by scope; and the parameters that have a say in it.
function evaluated(changedChoices = {}, values = {}) {
  const choices = { ...MODEL.published, ...changedChoices };
  const paid = MODEL.paid[choices.straddling][choices.payment_bases], lines = countingLines(choices, values);
  const contracts = MODEL.contracts.map(() => ({ public: 0, fiscal: 0, isValued: false, isKnown: false }));
  for (const line of lines) {
    const own = contracts[line.contract];
    if (!line.isTransfer || choices.transfers === "both") own.public += line.net;
    if (line.isFiscal) own.fiscal += line.net;
    own.isValued ||= line.people > 0;
    own.isKnown ||= line.people > 0 || line.gross !== 0;
  }
  const ofContracts = contracts.map((own, place) => withRatios({
    payments: paid[choices.price_base][place] || null,
    public: own.isKnown ? pence(own.public) : null,
    fiscal: own.isKnown ? pence(own.fiscal) : null,
    // Where all money went back, later prices would leave an amount in real terms that nobody paid.
    isInRatio: own.isValued && Object.values(paid).every((amounts) => amounts[place] > 0),
  }));
  const scopes = { market: added(ofContracts) };
  for (const area of new Set(MODEL.areas)) scopes[`area/${area}`] = added(ofContracts.filter((_, n) => MODEL.areas[n] === area));
  MODEL.contracts.forEach((id, place) => { scopes[`contract/${id}`] = ofContracts[place]; });
  const used = new Set();
  for (const line of lines) {
    if (!ofContracts[line.contract].isInRatio || line.gross === 0) continue;
    if (choices.unit_value_level === "central") used.add(line.cost);
    used.add(line.hours).add(line.rate);
  }
  return { scopes, used: new Set([...used].filter((place) => place >= 0).map((place) => MODEL.parameters[place].id)) };
}

// --- The state, and the address that keeps it ---

const byId = new Map(MODEL.parameters.map((each) => [each.id, each]));
const state = { choices: {}, values: {}, notes: [] };

// What an address says as a state, and in words what of it was not taken as it is. A value beyond the evidence becomes
// the end of the evidence; what cannot be read is left out.
function stateOf(said) {
  const found = { choices: {}, values: {}, notes: [] };
  for (const [name, asked] of said) {
    const parameter = byId.get(name), options = Object.hasOwn(MODEL.options, name) ? MODEL.options[name] : null;
    if (options && options.includes(asked)) {
      if (asked !== MODEL.published[name]) found.choices[name] = asked;
    } else if (options) found.notes.push(`${quoted(labelOf(name))} has no option ${quoted(asked)} in this edition. It was left out.`);
    else if (!parameter) found.notes.push(`This link names ${quoted(name)}, which this edition does not have. It was left out.`);
    else if (!MODEL.sliders.includes(name)) found.notes.push(`${quoted(name)} has no slider in this edition. It was left out.`);
    else {
      const value = Number(asked), taken = Math.min(parameter.high, Math.max(parameter.low, value)), own = quoted(nameOf(sliderOf(name)));
      if (asked.trim() === "" || !Number.isFinite(value)) {
        found.notes.push(`This link sets ${own} to ${quoted(asked)}, which is not a number. It was left out.`);
        continue;
      }
      if (taken !== value) found.notes.push(`This link sets ${own} to ${ofParameter(parameter, value)}. We set it to ${ofParameter(parameter, taken)}, where its evidence ends.`);
      if (taken !== parameter.central) found.values[name] = taken;
    }
  }
  return found;
}

// --- The page ---

const number = (value, places) => value.toLocaleString("en-GB", { maximumFractionDigits: places });
const pounds = (value) => `${value < 0 ? "−" : ""}£${number(Math.abs(value), Math.abs(value) < 1000 ? 2 : 0)}`;
const short = (value) => value === null ? "–" : Math.abs(value) < 1e6 ? pounds(Math.round(value))
  : `${value < 0 ? "−" : ""}£${Math.abs(value / 1e6).toLocaleString("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 })}m`;
const ratioWords = (value) => value === null ? "no ratio" : `${value < 0 ? "−" : ""}£${Math.abs(value).toFixed(2)}`;
const ofParameter = ({ kind }, value) => kind === "unit_cost" ? pounds(value) : `${number(value * 100, 1)}%`;

const root = document.getElementById("model");
const element = (name) => root.querySelector(`[data-part="${name}"]`);
const selects = [...root.querySelectorAll("select[data-switch]")];
const sliders = [...root.querySelectorAll("[data-parameter]")];
const scope = element("scope");
const nameOf = (slider) => slider.querySelector(".given").textContent;
const sliderOf = (id) => sliders.find((each) => each.dataset.parameter === id);
// A choice with one option has no control, and so no other name.
const labelOf = (choice) => selects.find((each) => each.dataset.switch === choice)?.labels[0].textContent.trim() ?? choice;
const published = evaluated().scopes;

// A slider has a hundred steps; in between its value keeps four digits, at its ends it is that of the evidence. The step
// nearest to the published value is that value, so that a keyboard leads back to it.
const STEPS = 100;
const stepOf = ({ low, central, high }, value) => {
  const step = Math.round((value - low) / (high - low) * STEPS);
  return value === central && low < central && central < high ? Math.min(STEPS - 1, Math.max(1, step)) : step;
};
const valueAt = (parameter, step) => {
  const { low, central, high } = parameter;
  if (step <= 0 || step >= STEPS) return step <= 0 ? low : high;
  if (step === stepOf(parameter, central)) return central;
  return Math.min(high, Math.max(low, Number((low + (high - low) * step / STEPS).toPrecision(4))));
};

// Whether two states bring the same to every scope, and whether to all contracts.
const FIGURES = ["payments", "public", "fiscal", "ratio", "fiscalRatio"];
const isSame = (one, other) => Object.keys(one).every((name) => FIGURES.every((figure) => one[name][figure] === other[name][figure]));
const effectWords = (one, other) => (isSame(one, other) ? " (no effect)"
  : one.market.ratio === other.market.ratio ? " (no effect on the result for all contracts)" : "");
const without = (changes, name) => Object.fromEntries(Object.entries(changes).filter(([each]) => each !== name));

// Each change in words, with what it does beside the others.
function wordsOfChanges(scopes) {
  const optionWords = (select, option) => [...select.options].find((each) => each.value === option).textContent;
  const choices = selects.filter((each) => each.dataset.switch in state.choices).map((select) => {
    const name = select.dataset.switch, [now, before] = [state.choices[name], MODEL.published[name]].map((each) => optionWords(select, each));
    return `${labelOf(name)}: “${now}” instead of “${before}”${effectWords(scopes, evaluated(without(state.choices, name), state.values).scopes)}`;
  });
  const values = sliders.filter((each) => each.dataset.parameter in state.values).map((each) => {
    const parameter = byId.get(each.dataset.parameter), effect = effectWords(scopes, evaluated(state.choices, without(state.values, parameter.id)).scopes);
    return `${nameOf(each)}: ${ofParameter(parameter, state.values[parameter.id])} instead of ${ofParameter(parameter, parameter.central)}${effect}`;
  });
  return [...choices, ...values];
}
function resultWords(scopes) {
  if (isSame(scopes, published)) return "Every result is as in this edition.";
  if (scopes.market.ratio === published.market.ratio) return "The result for all contracts is as in this edition.";
  if (ratioWords(scopes.market.ratio) === ratioWords(published.market.ratio)) return "The result for all contracts moves by less than a penny.";
  return "This is not the figure of this edition.";
}

const rows = [...scope.options].map((option) => {
  const row = element("rows").insertRow(), name = document.createElement("th");
  name.scope = "row";
  name.textContent = option.textContent;
  row.append(name);
  const cells = Array.from({ length: 4 }, () => row.insertCell());
  for (const cell of cells) cell.className = "number";
  return { scope: option.value, cells };
});
const plainRatio = (value) => value === null ? "–" : value.toFixed(2).replace("-", "−");

function show() {
  const { scopes, used } = evaluated(state.choices, state.values), changes = wordsOfChanges(scopes), isChanged = changes.length > 0;
  element("market").textContent = ratioWords(scopes.market.ratio);
  element("fiscal").textContent = ratioWords(scopes.market.fiscalRatio);
  const chosen = scopes[scope.value], before = published[scope.value];
  element("chosen").textContent = ratioWords(chosen.ratio);
  element("chosen-published").textContent = `this edition ${ratioWords(before.ratio)}`;
  element("chosen-words").textContent = `${short(chosen.public)} of public value, ${chosen.payments === null ? "no payments known" : `${short(chosen.payments)} of payments`}`;
  for (const name of ["published", "chosen-published", "no-range", "reset-all"]) element(name).hidden = !isChanged;
  for (const each of root.querySelectorAll('[data-part="range"]')) each.hidden = isChanged;
  const now = isChanged ? `You have changed: ${changes.join("; ")}. ${resultWords(scopes)}` : "These are the assumptions of this edition.";
  element("said").textContent = [...faultsTold(state.notes), now].join(" ");
  root.classList.toggle("changed", isChanged);
  for (const select of selects) {
    select.value = state.choices[select.dataset.switch] ?? MODEL.published[select.dataset.switch];
    select.parentElement.classList.toggle("moved", select.dataset.switch in state.choices);
  }
  let hidden = 0;
  for (const each of sliders) {
    const parameter = byId.get(each.dataset.parameter), isMoved = parameter.id in state.values, value = state.values[parameter.id] ?? parameter.central;
    const input = each.querySelector("input"), said = ofParameter(parameter, value);
    // The value may lie between two steps: only a slider that is somewhere else is put there.
    if (valueAt(parameter, Number(input.value)) !== value) input.value = stepOf(parameter, value);
    input.setAttribute("aria-valuetext", said);
    each.querySelector("output").textContent = said;
    each.querySelector("button").hidden = !isMoved;
    each.classList.toggle("moved", isMoved);
    each.hidden = !isMoved && !used.has(parameter.id);
    hidden += each.hidden ? 1 : 0;
  }
  for (const group of root.querySelectorAll("[data-part='group']")) group.hidden = !group.querySelector("[data-parameter]:not([hidden])");
  element("idle").textContent = hidden ? `${hidden} more only matter under other choices, and are not shown now.` : "";
  for (const { scope: name, cells } of rows) {
    const [now, before] = [scopes[name], published[name]];
    [plainRatio(before.ratio), plainRatio(now.ratio), short(now.public), short(now.payments)].forEach((said, n) => { cells[n].textContent = said; });
  }
}

const keep = () => keepInAddress({ ...state.choices, ...state.values }, "#try");
function take(found) {
  Object.assign(state, found);
  show();
}
function change(part, name, value, own) {
  if (value === own) delete state[part][name];
  else state[part][name] = value;
  state.notes = [];
  show();
}

for (const select of selects) {
  const name = select.dataset.switch;
  select.addEventListener("change", () => { change("choices", name, select.value, MODEL.published[name]); keep(); });
}
for (const each of sliders) {
  const parameter = byId.get(each.dataset.parameter), input = each.querySelector("input"), reset = document.createElement("button");
  Object.assign(reset, { type: "button", textContent: "Back to this edition" });
  reset.setAttribute("aria-label", `Back to this edition: ${nameOf(each)}`);
  each.append(reset);
  input.addEventListener("input", () => change("values", parameter.id, valueAt(parameter, Number(input.value)), parameter.central));
  input.addEventListener("change", keep);
  reset.addEventListener("click", () => { change("values", parameter.id, parameter.central, parameter.central); keep(); input.focus(); });
}
element("reset-all").addEventListener("click", () => { take({ choices: {}, values: {}, notes: [] }); keep(); selects[0]?.focus(); });
scope.addEventListener("change", show);
document.getElementById("without-script").hidden = true;
root.hidden = false;
followAddress((said) => take(stateOf(said)));
// Who was sent a state and no other place on the page sees it first.
if (saidInAddress().size && /^(#try.*)?$/.test(location.hash)) document.getElementById("try").scrollIntoView();
