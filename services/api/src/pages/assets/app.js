// What every page can do with a script, and does without one too.

// A sign-in link carries its token behind "#", which no server sees.
const token = document.querySelector("form.sign-in #token");
if (token && location.hash.startsWith("#token=")) {
  token.value = decodeURIComponent(location.hash.slice("#token=".length));
  history.replaceState(null, "", location.pathname + location.search);
  // Whoever is signed in already presses the button themselves: the link may be of somebody else.
  if (!("signedIn" in token.form.dataset)) token.form.requestSubmit();
}

// Moments in the reader's own time; what the page says, in UTC, stays as the tooltip.
const near = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
export function inOwnTime(part) {
  for (const time of part.querySelectorAll("time[datetime]")) {
    time.title = time.textContent;
    time.textContent = near.format(new Date(time.dateTime));
  }
}
inOwnTime(document);

// One box that ticks all boxes of its form with a name, or with a value; it shows how they stand.
for (const all of document.querySelectorAll("input[data-all], input[data-value]")) {
  const { all: name, value } = all.dataset;
  const boxes = [...all.form.querySelectorAll("input[type=checkbox][name]")]
    .filter((box) => (name ? box.name === name : box.value === value));
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  all.form.addEventListener("change", show);
  show();
}

// A text that is to be kept, into the clipboard; without one it is there to be marked.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  text.addEventListener("focus", () => text.select());
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.value);
    button.textContent = "Copied";
  });
}
