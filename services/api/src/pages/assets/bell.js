// The bell: it opens the newest alerts below it, and rises and falls without a reload.
import { inOwnTime } from "./app.js";

// What one tab is told it tells the others.
const SHARED = "dojo-notify-bell";
// How long after a refusal another stream is tried (ms); each time twice as long.
const FIRST_WAIT = 10_000;
const LONGEST_WAIT = 300_000;

const bell = document.getElementById("bell");
if (bell) {
  const { opened, refresh } = dropDown(bell);
  const told = (count) => {
    show(bell, count);
    if (opened()) refresh();
  };
  // A page that comes back from the browser's memory shows what was so when it went.
  addEventListener("pageshow", async (event) => {
    if (event.persisted) {
      const answer = await fetch(bell.dataset.count).catch(() => null);
      if (answer?.ok) told((await answer.json()).count);
    }
  });
  if (bell.dataset.stream) follow(bell.dataset.stream, told);
}

// Shows how many alerts there are; a rise is seen, and said.
function show(bell, count) {
  const badge = bell.querySelector(".badge");
  const before = Number(badge.dataset.count);
  badge.dataset.count = count;
  badge.textContent = count;
  bell.querySelector("a").setAttribute("aria-label", `Alerts: ${count}`);
  badge.classList.remove("rose");
  if (count > before) {
    bell.querySelector("[role=status]").textContent = `Alerts: ${count}`;
    void badge.offsetWidth; // Else the animation would not begin anew.
    badge.classList.add("rose");
  }
}

// The newest alerts below the bell, read when they are opened.
function dropDown(bell) {
  const link = bell.querySelector("a");
  const newest = bell.querySelector("#newest");
  let reading = 0;

  const refresh = async () => {
    // Whoever is being asked something is not interrupted.
    if (newest.querySelector(":popover-open")) return;
    const mine = ++reading;
    const answer = await fetch(bell.dataset.newest).catch(() => null);
    const text = answer?.ok ? await answer.text() : null;
    if (mine !== reading) return;
    const isInside = newest.contains(document.activeElement);
    const { key } = document.activeElement.dataset;
    if (text === null) {
      const said = document.createElement("p");
      said.textContent = answer?.status === 401 ? "You are signed out." : "Your alerts cannot be read just now.";
      newest.replaceChildren(said);
    } else {
      newest.innerHTML = text;
      inOwnTime(newest);
    }
    if (isInside) (newest.querySelector(`[data-key="${key}"]`) ?? newest).focus();
  };
  const open = (isOpen) => {
    newest.hidden = !isOpen;
    link.setAttribute("aria-expanded", isOpen);
    if (isOpen) refresh();
  };

  link.setAttribute("role", "button");
  link.setAttribute("aria-controls", newest.id);
  link.setAttribute("aria-expanded", "false");
  link.addEventListener("click", (event) => {
    // Another tab or window shows the page that the link leads to.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(newest.hidden);
  });
  link.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      open(newest.hidden);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || newest.hidden || newest.querySelector(":popover-open")) return;
    if (newest.contains(document.activeElement)) link.focus();
    open(false);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!newest.hidden && !bell.contains(event.target)) open(false);
  });
  bell.addEventListener("focusout", (event) => {
    if (!newest.hidden && event.relatedTarget && !bell.contains(event.relatedTarget)) open(false);
  });
  return { opened: () => !newest.hidden, refresh };
}

// Follows how many alerts there are. One tab of the browser listens, and another takes its place
// when it is closed.
function follow(address, told) {
  const others = new BroadcastChannel(SHARED);
  others.addEventListener("message", (event) => told(event.data));
  const tell = (count) => {
    told(count);
    others.postMessage(count);
  };
  if (navigator.locks) {
    navigator.locks.request(SHARED, () => {
      listen(address, tell);
      return new Promise(() => {});
    });
    return;
  }
  // Locks need HTTPS. Without them the tabs that are seen listen: a browser opens only six
  // connections to a server, and one for each tab would soon be all of them.
  let stop = null;
  const look = () => {
    if (document.visibilityState === "visible") {
      stop ??= listen(address, tell);
    } else {
      stop?.();
      stop = null;
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
}

// Listens until it is stopped. A browser comes back by itself when a stream ends, and only a refusal
// ends that.
function listen(address, tell) {
  let [source, timer, wait] = [null, null, FIRST_WAIT];
  const begin = () => {
    source = new EventSource(address);
    source.addEventListener("open", () => { wait = FIRST_WAIT; });
    source.addEventListener("alerts", (event) => tell(JSON.parse(event.data).count));
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(begin, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  };
  begin();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
