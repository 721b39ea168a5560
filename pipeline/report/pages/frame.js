// What all pages share: the address that keeps what a reader set on a page, and the links to the same page of another
// edition; which editions there are, `editions.js` beside them says.
"use strict";

// What is set lies before the place on the page (?set=this#place), so that links to places, a reload and Back keep it.
// Some browsers forbid that to a page on a disk: then, and in older links, it lies behind the place (#place?set=this).
let lastAddress = "";
const setInAddress = () => location.search + (/[?=]/.test(location.hash) ? location.hash : "");
const saidInAddress = () => {
  const { search, hash } = location;
  return new URLSearchParams(hash.includes("?") ? hash.slice(hash.indexOf("?") + 1) : search);
};
function keepInAddress(set, where, isStep = false) {
  const query = new URLSearchParams(set).toString().replaceAll("%2C", ",").replaceAll("%2F", "/");
  const go = (address) => history[isStep ? "pushState" : "replaceState"](null, "", address);
  try {
    go(`${query ? `?${query}` : location.pathname}${where}`);
  } catch {
    go(query ? `${where}?${query}` : where);
  }
  lastAddress = setInAddress();
}
// What an address says, as a note of a fault repeats it; and how many faults are told.
const quoted = (text) => `“${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`;
const NOTES_SHOWN = 5;
const faultsTold = (notes) => {
  const rest = notes.length - NOTES_SHOWN;
  return [...notes.slice(0, NOTES_SHOWN), ...(rest > 0 ? [`There ${rest === 1 ? "is 1 more fault" : `are ${rest} more faults`} in this link.`] : [])];
};
// Takes what an address sets: at once, and after Back, Forward and links that set something else. A link to a place alone
// changes nothing.
function followAddress(take) {
  const start = () => {
    if (location.hash.includes("?")) keepInAddress(saidInAddress(), location.hash.split("?")[0]);
    lastAddress = setInAddress();
    take(saidInAddress());
  };
  const follow = () => {
    const now = setInAddress();
    // Where it lay behind the place, a link to another place has taken it out of the address, and not off the page.
    if (now === lastAddress || (!now && lastAddress.includes("#"))) return;
    start();
  };
  window.addEventListener("popstate", follow);
  window.addEventListener("hashchange", follow);
  start();
}

const place = document.querySelector(".editions");
if (place && typeof publishedEditions !== "undefined") {
  const { path, root, edition } = place.dataset;
  for (const [id, { name, pages }] of Object.entries(publishedEditions).reverse()) {
    if (id === edition) continue;
    const link = document.createElement("a");
    const there = pages.includes(path) ? path : "index.html";
    link.href = `${root}../${encodeURIComponent(id)}/${there}`;
    // The place on the page is that of the moment; what was tried with the assumptions of one edition stays with it.
    link.addEventListener("click", () => {
      const isSamePage = there === path, isTried = path === "assumptions.html";
      link.search = isSamePage && !isTried ? location.search : "";
      link.hash = isSamePage && !(isTried && /^#try|\?/.test(location.hash)) ? location.hash : "";
    });
    link.textContent = name;
    if (there !== path) link.title = "This page is not part of that edition: leads to its overview";
    place.prepend(link, " ");
  }
}
