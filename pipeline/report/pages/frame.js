// Leads from a page to the same page of another edition; which there are, `editions.js` beside the editions says.
"use strict";
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
      const keeps = there === path && !location.hash.startsWith("#try");
      link.hash = keeps ? location.hash : "";
    });
    link.textContent = name;
    if (there !== path) link.title = "This page is not part of that edition: leads to its overview";
    place.prepend(link, " ");
  }
}
