"use strict";
/* Everything works without this. With it: keys for the next and previous difference, one for the
   search, and folds that open for the printer. */

(() => {
  const differences = [...document.querySelectorAll(".difference")];

  /** The difference that is read now: the one in focus, else the last one above the middle. */
  function present() {
    const focused = differences.findIndex((one) => one.contains(document.activeElement));
    if (focused >= 0) return focused;
    const middle = window.innerHeight / 2;
    let found = -1;
    differences.forEach((one, place) => {
      if (one.getBoundingClientRect().top < middle) found = place;
    });
    return window.scrollY === 0 ? -1 : found;
  }

  function go(place) {
    const one = differences[Math.max(0, Math.min(place, differences.length - 1))];
    if (!one) return;
    one.focus({ preventScroll: true });
    one.scrollIntoView({ block: "center" });
    history.replaceState(null, "", "#" + one.id);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target;
    if (at instanceof HTMLElement && at.matches("input, select, textarea, [contenteditable]")) return;
    if (event.key === "n" || event.key === "j") go(present() + 1);
    else if (event.key === "p" || event.key === "k") go(present() - 1);
    else if (event.key === "/") document.querySelector("input[type=search]")?.focus();
    else return;
    event.preventDefault();
  });

  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details.fold").forEach((one) => { one.open = true; });
  });
})();
