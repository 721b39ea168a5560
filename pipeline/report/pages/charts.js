// What may be done with a chart: keep it as SVG, PNG or CSV, and cite it. All of it is made here, of what is on the page;
// without this script the drawing, its link and the table of its numbers are there.
"use strict";
const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 16, SHARPNESS = 2;
const FONT = "Arial,sans-serif";

const wordsOf = (figure, selector) => figure.querySelector(selector)?.textContent.replace(/\s+/g, " ").trim() ?? "";

// A text as lines that are no wider than this.
function lines(text, font, width) {
  const measure = document.createElement("canvas").getContext("2d");
  measure.font = font;
  const found = [];
  for (const word of text.split(" ")) {
    const longer = found.length ? `${found.at(-1)} ${word}` : word;
    if (found.length && measure.measureText(longer).width <= width) found[found.length - 1] = longer;
    else found.push(word);
  }
  return found;
}

// The wide drawing on white paper with its title, what it shows and where it comes from, which stay with it.
function whole(figure) {
  const drawing = figure.querySelector(".wide svg").cloneNode(true);
  const [, , width, height] = drawing.getAttribute("viewBox").split(" ").map(Number);
  const made = document.createElementNS(SVG, "svg");
  let y = MARGIN;
  const write = (text, size, weight, colour) => {
    for (const line of text ? lines(text, `${weight} ${size}px ${FONT}`, width) : []) {
      y += size;
      const element = made.appendChild(document.createElementNS(SVG, "text"));
      const said = { x: MARGIN, y, fill: colour, "font-family": FONT, "font-size": size, "font-weight": weight };
      for (const [name, value] of Object.entries(said)) element.setAttribute(name, value);
      element.textContent = line;
      y += size * 0.3;
    }
  };
  write(wordsOf(figure, "h2, h3, h4"), 18, "bold", "#222222");
  y += 4;
  write(wordsOf(figure, ".subtitle"), 13, "normal", "#555555");
  y += 12;
  drawing.setAttribute("x", MARGIN);
  drawing.setAttribute("y", y);
  made.append(drawing);
  y += height + 10;
  write(cited(figure), 12, "normal", "#555555");
  const size = { width: width + 2 * MARGIN, height: Math.ceil(y + MARGIN) };
  for (const [name, value] of Object.entries(size)) made.setAttribute(name, value);
  made.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  const paper = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ ...size, fill: "white" })) paper.setAttribute(name, value);
  made.prepend(paper);
  return { ...size, text: new XMLSerializer().serializeToString(made) };
}

const cited = (figure) => wordsOf(figure, ".cited");

function keepFile(figure, ending, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${figure.querySelector(".share").dataset.file}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const MAKERS = {
  SVG: (figure) => keepFile(figure, "svg", new Blob([whole(figure).text], { type: "image/svg+xml" })),
  PNG: (figure) => {
    const { width, height, text } = whole(figure);
    const image = new Image(), canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width * SHARPNESS, height * SHARPNESS];
    image.addEventListener("load", () => {
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => keepFile(figure, "png", blob), "image/png");
    });
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  },
  CSV: (figure) => {
    // A spreadsheet would run a text that begins so as a formula, as in the tables of the report; a signed number is none.
    const safe = (text) => (/^(?:'|[\p{Z}\p{C}]*[=+\-@＝＋－＠])/u.test(text) && isNaN(text) ? `'${text}` : text);
    const cell = (element) => `"${safe(element.textContent.trim()).replaceAll('"', '""')}"`;
    const rows = [...figure.querySelectorAll("table tr")].map((row) => [...row.cells].map(cell).join(","));
    keepFile(figure, "csv", new Blob(["\ufeff", rows.join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" }));
  },
};

for (const share of document.querySelectorAll("figure .share")) {
  const figure = share.closest("figure");
  const address = figure.querySelector(".address");
  // On a disk the address of a page says only where it lies there.
  if (location.protocol.startsWith("http")) address.textContent = new URL(address.getAttribute("href"), location).href;
  const offered = document.createElement("p");
  offered.append("Download as ");
  for (const [name, make] of Object.entries(MAKERS)) {
    if (name === "CSV" && !figure.querySelector("table")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => make(figure));
    offered.append(button, " ");
  }
  share.querySelector("summary").after(offered);
}
