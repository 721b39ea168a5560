// The ratio under other assumptions: the sum of pages/model_sum.py, and the controls that change what goes into it.
// MODEL comes from assumptions-data.js; which choices are switches is listed in pages/model.py.
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

const MARK = "#try?";
const byId = new Map(MODEL.parameters.map((each) => [each.id, each]));
const state = { choices: {}, values: {} };

// What of an address is a state; what is not known, or outside the evidence, is left out.
function stateOf(hash) {
  const found = { choices: {}, values: {} };
  if (!hash.startsWith(MARK)) return found;
  for (const [name, said] of new URLSearchParams(hash.slice(MARK.length))) {
    const parameter = byId.get(name), value = Number(said);
    if (Object.hasOwn(MODEL.options, name) && MODEL.options[name].includes(said) && said !== MODEL.published[name]) found.choices[name] = said;
    else if (parameter && MODEL.sliders.includes(name) && said !== "" && value >= parameter.low && value <= parameter.high && value !== parameter.central) found.values[name] = value;
  }
  return found;
}
const addressOf = ({ choices, values }) => {
  const said = new URLSearchParams({ ...choices, ...values }).toString();
  return said ? MARK + said : "#try";
};

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
const published = evaluated().scopes;

// A slider has a hundred steps; in between its value keeps four digits, at its ends it is that of the evidence.
const STEPS = 100;
const valueAt = ({ low, high }, step) => step <= 0 ? low : step >= STEPS ? high
  : Math.min(high, Math.max(low, Number((low + (high - low) * step / STEPS).toPrecision(4))));
const stepOf = ({ low, high }, value) => Math.round((value - low) / (high - low) * STEPS);

function wordsOfChanges() {
  const optionWords = (select, option) => [...select.options].find((each) => each.value === option).textContent;
  const choices = selects.filter((each) => each.dataset.switch in state.choices).map((select) => {
    const name = select.dataset.switch, [now, before] = [state.choices[name], MODEL.published[name]].map((each) => optionWords(select, each));
    return `${select.labels[0].textContent.trim()}: “${now}” instead of “${before}”`;
  });
  const values = sliders.filter((each) => each.dataset.parameter in state.values).map((each) => {
    const parameter = byId.get(each.dataset.parameter);
    return `${nameOf(each)}: ${ofParameter(parameter, state.values[parameter.id])} instead of ${ofParameter(parameter, parameter.central)}`;
  });
  return [...choices, ...values];
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
  const { scopes, used } = evaluated(state.choices, state.values), changes = wordsOfChanges(), isChanged = changes.length > 0;
  element("market").textContent = ratioWords(scopes.market.ratio);
  element("fiscal").textContent = ratioWords(scopes.market.fiscalRatio);
  const chosen = scopes[scope.value], before = published[scope.value];
  element("chosen").textContent = ratioWords(chosen.ratio);
  element("chosen-published").textContent = `this edition ${ratioWords(before.ratio)}`;
  element("chosen-words").textContent = `${short(chosen.public)} of public value, ${chosen.payments === null ? "no payments known" : `${short(chosen.payments)} of payments`}`;
  for (const name of ["published", "chosen-published", "no-range", "reset-all"]) element(name).hidden = !isChanged;
  for (const each of root.querySelectorAll('[data-part="range"]')) each.hidden = isChanged;
  element("said").textContent = isChanged ? `You have changed: ${changes.join("; ")}. This is not the figure of this edition.` : "These are the assumptions of this edition.";
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

const keep = () => history.replaceState(null, "", addressOf(state));
function take(found) {
  Object.assign(state, found);
  show();
}
function change(part, name, value, own) {
  if (value === own) delete state[part][name];
  else state[part][name] = value;
  show();
}

for (const select of selects) {
  const name = select.dataset.switch;
  select.addEventListener("change", () => { change("choices", name, select.value, MODEL.published[name]); keep(); });
}
for (const each of sliders) {
  const parameter = byId.get(each.dataset.parameter), input = each.querySelector("input"), reset = document.createElement("button");
  Object.assign(reset, { type: "button", textContent: "Reset" });
  reset.setAttribute("aria-label", `Reset: ${nameOf(each)}`);
  each.append(reset);
  input.addEventListener("input", () => change("values", parameter.id, valueAt(parameter, Number(input.value)), parameter.central));
  input.addEventListener("change", keep);
  reset.addEventListener("click", () => { change("values", parameter.id, parameter.central, parameter.central); keep(); input.focus(); });
}
element("reset-all").addEventListener("click", () => { take({ choices: {}, values: {} }); keep(); selects[0]?.focus(); });
scope.addEventListener("change", show);
// An address with a state is somebody's; one that leads to a place of the page leaves the state as it is.
window.addEventListener("hashchange", () => { if (location.hash.startsWith(MARK)) take(stateOf(location.hash)); });

document.getElementById("without-script").hidden = true;
root.hidden = false;
take(stateOf(location.hash));
if (location.hash.startsWith(MARK)) document.getElementById("try").scrollIntoView();
