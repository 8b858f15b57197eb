// What every page can do with a script, and does without one too.

// A sign-in link carries its token behind "#", which no server sees.
const token = document.querySelector("form.sign-in #token");
if (token && location.hash.startsWith("#token=")) {
  token.value = decodeURIComponent(location.hash.slice("#token=".length));
  history.replaceState(null, "", location.pathname + location.search);
  token.form.requestSubmit();
}

// Moments in the reader's own time; what the page says, in UTC, stays as the tooltip.
const near = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = time.textContent;
  time.textContent = near.format(new Date(time.dateTime));
}

// One box that ticks all of its form's.
for (const all of document.querySelectorAll("input[data-all]")) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of all.form.querySelectorAll(`input[name="${all.dataset.all}"]`)) {
      box.checked = all.checked;
    }
  });
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
