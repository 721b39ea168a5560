// Finding a contract, filtering the list, keeping it as CSV, and two to four side by side; without it the list is whole.
"use strict";
(() => {
  const table = document.getElementById("contracts"), finder = document.querySelector(".finder");
  const rows = [...table.tBodies[0].rows], MOST = 4;
  const by = (id) => document.getElementById(id);

  // Capitals, accents, apostrophes and hyphens make no difference; what a hyphen joins is found in one word too.
  const APOSTROPHES = /['’‘ʼ`´]/g, HYPHENS = /[-‐‑–]/g;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(APOSTROPHES, "");
  const spaced = (text) => plain(text).replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const folded = (text) => `${spaced(text)} ${spaced(plain(text).replace(HYPHENS, ""))}`;

  // What the list says of a contract, by its heads: providers, places and so on.
  const factsOf = (row) => {
    const facts = new Map();
    let name = "";
    for (const each of row.querySelectorAll("dl > *")) {
      if (each.tagName === "DT") facts.set((name = each.textContent), []);
      else facts.get(name).push(each.textContent);
    }
    return facts;
  };
  const contracts = rows.map((row) => {
    const facts = factsOf(row), head = row.cells[0];
    const name = head.querySelector("a").textContent, area = head.querySelector("small a").textContent;
    const shown = folded(`${name} ${row.dataset.contract} ${area}`);
    const others = [...facts].flatMap(([kind, values]) => values.map((value) => [kind, value, folded(value)]));
    const found = document.createElement("small");
    found.className = "found";
    head.append(found);
    return { row, id: row.dataset.contract, name, area, facts, shown, others, found,
      text: [shown, ...others.map(([, , text]) => text)].join(" "), marks: new Set(row.dataset.marks.split(" ")) };
  });

  const fields = { words: by("find-words"), ratio: by("find-ratio") };
  const selects = [...finder.querySelectorAll("select")];
  const filtered = () => contracts.filter((contract) => !contract.row.hidden);
  const find = () => {
    const words = spaced(fields.words.value).split(" ").filter(Boolean);
    const marks = [...selects.map((select) => select.value), fields.ratio.checked ? "ratio" : ""].filter(Boolean);
    for (const { row, text, shown, others, found, marks: own } of contracts) {
      row.hidden = !(words.every((word) => text.includes(word)) && marks.every((mark) => own.has(mark)));
      // Where else than in what can be seen of it.
      const missing = words.filter((word) => !shown.includes(word));
      const where = others.filter(([, , said]) => missing.some((word) => said.includes(word)));
      where.sort((a, b) => hits(b, missing) - hits(a, missing));
      found.textContent = where.slice(0, 2).map(([kind, value]) => `${kind}: ${value}`).join(" · ");
    }
    const number = filtered().length;
    by("find-said").textContent = `${number} of ${contracts.length} contracts`;
    by("find-nothing").hidden = number > 0;
    by("find-keep").hidden = number === 0;
    by("find-clear").hidden = !words.length && !marks.length;
  };
  const hits = ([, , said], words) => words.filter((word) => said.includes(word)).length;
  // Browsers refuse an address that changes with every key; whoever leaves a field has done with it.
  let waiting;
  for (const field of [fields.words, fields.ratio, ...selects]) {
    field.addEventListener("input", () => { find(); noted([]); clearTimeout(waiting); waiting = setTimeout(keep, 300); });
    field.addEventListener("change", () => { clearTimeout(waiting); keep(); });
  }
  by("find-clear").addEventListener("click", () => {
    fields.words.value = "";
    fields.ratio.checked = false;
    for (const select of selects) select.value = "";
    find();
    noted([]);
    keep();
    fields.words.focus();
  });

  // As CSV, in the order that is shown. What a spreadsheet would run as a formula has an apostrophe before it.
  const NEEDS_GUARD = /^(?:'|[\p{Z}\p{C}]*[=+\-@＝＋－＠]|\p{Z}*[\t\r\n])/u;
  const number = (contract, place) => contract.row.cells[place].dataset.value;
  const ends = (contract) => {
    const range = contract.row.querySelector(".ratio-said .muted");
    return range ? range.textContent.replace(/[()]/g, "").replaceAll("−", "-").split(" to ") : ["", ""];
  };
  const COLUMNS = {
    contract_id: (contract) => contract.id,
    name: (contract) => contract.name,
    policy_area: (contract) => contract.area,
    public_value_per_pound: (contract) => number(contract, 1),
    range_low: (contract) => ends(contract)[0],
    range_high: (contract) => ends(contract)[1],
    outcome_payments_real_gbp: (contract) => number(contract, 2),
    public_value_gbp: (contract) => number(contract, 3),
    why_no_ratio: (contract) => contract.row.querySelector(".why small")?.textContent ?? "",
  };
  const FACTS = ["Outcomes funds", "Regions", "Places", "People helped", "Commissioners", "Providers", "Investors", "Service"];
  for (const name of FACTS)
    COLUMNS[spaced(name).replaceAll(" ", "_")] = (contract) => (contract.facts.get(name) ?? []).join("; ");
  const NUMBERS = /^-?[\d.]+(e[+-]?\d+)?$/i;
  const cell = (text) => `"${(NUMBERS.test(text) ? text : text.replace(NEEDS_GUARD, "'$&")).replaceAll('"', '""')}"`;
  by("find-keep").addEventListener("click", () => {
    const order = new Map([...table.tBodies[0].rows].map((row, place) => [row, place]));
    const kept = filtered().sort((a, b) => order.get(a.row) - order.get(b.row));
    const lines = [Object.keys(COLUMNS), ...kept.map((contract) => Object.values(COLUMNS).map((of) => of(contract)))];
    const link = document.createElement("a");
    link.download = "contracts.csv";
    link.href = URL.createObjectURL(new Blob(["\ufeff", lines.map((line) => line.map(cell).join(",")).join("\n") + "\n"], { type: "text/csv" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });

  // Side by side: which ones is in the address with what is looked for, and can be sent with it.
  const byId = new Map(contracts.map((contract) => [contract.id, contract]));
  let chosen = [];
  const panel = by("side-by-side"), button = by("find-compare");
  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const LINES = {
    "Policy area": (contract) => contract.area,
    "Per £1": (contract) => contract.row.querySelector(".ratio-said")?.textContent ?? `No ratio: ${COLUMNS.why_no_ratio(contract)}`,
    "Evidence": (contract) => [...contract.row.querySelectorAll(".grades")].map((each) => each.textContent).join("; "),
    "Payments, £ thousand": (contract) => contract.row.cells[2].textContent,
    "Public value, £ thousand": (contract) => contract.row.cells[3].textContent,
  };
  for (const name of FACTS) LINES[name] = (contract) => contract.facts.get(name)?.join("; ") ?? "";
  const setSideBySide = () => {
    panel.hidden = chosen.length < 2;
    if (panel.hidden) return;
    const head = element("tr", "");
    head.append(element("th", "Contract", { scope: "col" }));
    for (const contract of chosen) {
      const column = element("th", "", { scope: "col" });
      column.append(element("a", contract.name, { href: contract.row.querySelector("a").getAttribute("href") }));
      head.append(column);
    }
    const lines = Object.entries(LINES).map(([name, of]) => [name, chosen.map(of)]).filter(([, cells]) => cells.some(Boolean));
    panel.querySelector("thead").replaceChildren(head);
    panel.querySelector("tbody").replaceChildren(...lines.map(([name, cells]) => {
      const line = element("tr", "");
      line.append(element("th", name, { scope: "row" }), ...cells.map((text) => element("td", text || "–")));
      return line;
    }));
    by("side-by-side-areas").hidden = new Set(chosen.map((contract) => contract.area)).size < 2;
  };
  const choose = () => {
    for (const { row, id } of contracts) {
      const box = row.querySelector(".pick input");
      box.checked = chosen.some((contract) => contract.id === id);
      box.disabled = !box.checked && chosen.length >= MOST;
    }
    button.hidden = chosen.length < 2;
    button.textContent = `Compare ${chosen.length} contracts`;
  };
  for (const { row, id, name } of contracts) {
    const label = element("label", "", { class: "pick" }), box = element("input", "", { type: "checkbox" });
    label.append(box, " Compare", element("span", ` ${name}`, { class: "hidden" }));
    row.cells[0].append(label);
    box.addEventListener("change", () => {
      chosen = box.checked ? [...chosen, byId.get(id)] : chosen.filter((contract) => contract.id !== id);
      choose();
      noted(chosen.length < MOST ? [] : [`You have chosen ${MOST} contracts: no more fit side by side.`]);
      // What is open follows what is chosen.
      if (!panel.hidden) setSideBySide();
      keep();
    });
  }

  // --- The address: what is looked for, by the words that a reader sees, and what stands side by side ---

  const nameOf = (select) => select.id.replace("find-", "");
  const noted = (notes) => {
    by("find-notes").textContent = notes.join(" ");
    by("find-notes").hidden = notes.length === 0;
  };
  const keep = (isStep = false) => {
    const set = { search: fields.words.value.trim(), ratio: fields.ratio.checked ? "only" : "" };
    for (const select of selects) set[nameOf(select)] = select.value ? select.selectedOptions[0].textContent : "";
    if (!panel.hidden) set.compare = chosen.map((contract) => contract.id).join(",");
    const isPlace = document.getElementById(location.hash.slice(1)) !== null;
    keepInAddress(Object.entries(set).filter(([, value]) => value), isPlace ? location.hash : "#all", isStep === true);
  };
  const take = (said) => {
    // Older links name what is compared as if it were a place on the page.
    const asked = new Map(location.hash.startsWith("#compare=") ? new URLSearchParams(location.hash.slice(1)) : said);
    if (location.hash.startsWith("#compare=")) keepInAddress(asked, "#all");
    const notes = [], taken = (name) => { const value = asked.get(name) ?? ""; asked.delete(name); return value.trim(); };
    fields.words.value = taken("search");
    for (const select of selects) {
      const value = taken(nameOf(select)), option = [...select.options].slice(1).find((each) => each.textContent === value);
      select.value = option?.value ?? "";
      if (value && !option) notes.push(`${quoted(select.labels[0].firstChild.textContent.trim())} has no option ${quoted(value)} in this edition. It was left out.`);
    }
    const ratio = taken("ratio");
    fields.ratio.checked = ratio === "only";
    if (ratio && ratio !== "only") notes.push(`This link sets “ratio” to ${quoted(ratio)}, which means nothing here. It was left out.`);
    const ids = [...new Set(taken("compare").split(",").filter(Boolean))], known = ids.filter((id) => byId.has(id));
    for (const id of ids) if (!byId.has(id)) notes.push(`This link names the contract ${quoted(id)}, which this edition does not have. It was left out.`);
    if (known.length > MOST) notes.push(`This link names ${known.length} contracts. No more than ${MOST} fit side by side, so you see the first ${MOST}.`);
    if (ids.length && known.length < 2) notes.push("There is nothing to compare: choose at least two contracts.");
    for (const name of asked.keys()) notes.push(`This link names ${quoted(name)}, which this page does not have. It was left out.`);
    noted(faultsTold(notes));
    find();
    const wasHidden = panel.hidden;
    chosen = known.slice(0, MOST).map((id) => byId.get(id));
    choose();
    setSideBySide();
    if (wasHidden && !panel.hidden) by("side-by-side-title").focus();
  };
  button.addEventListener("click", () => {
    setSideBySide();
    keep(true);
    by("side-by-side-title").focus();
  });
  by("side-by-side-close").addEventListener("click", () => {
    panel.hidden = true;
    chosen = [];
    choose();
    noted([]);
    keep(true);
    fields.words.focus();
  });
  // Who puts the highest ratios first is told what they rest on.
  const note = by("no-league-table"), ratio = table.tHead.rows[0].cells[1];
  const tell = () => { if (note) note.hidden = !ratio.hasAttribute("aria-sort"); };
  table.tHead.addEventListener("click", tell);

  tell();
  finder.hidden = false;
  followAddress(take);
})();
