// Shows the events of GET /events. Everything from the server is inserted as text, never as markup.
const maxLines = 200;
/** Of a container's output. */
const maxCharacters = 64 * 1024;
/** By workspace ID: its element, and what is drawn in it. */
const shown = new Map();

const one = (selector, within = document) => within.querySelector(selector);
const copy = (template) => one(template).content.firstElementChild.cloneNode(true);
const seconds = (ms) =>
  ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.floor((ms / 1000) % 60)} s`;
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

function viewOf({ id, name }) {
  let view = shown.get(id);
  if (view !== undefined) return view;
  const item = copy("#workspace");
  one(".runtime", item).textContent = name;
  one(".build", item).setAttribute("aria-label", `Last lines of the build of ${name}`);
  one(".container", item).setAttribute("aria-label", `Output of the container of ${name}`);
  one(".retry", item).setAttribute("aria-label", `Retry ${name}`);
  whenPressed(one(".retry", item), () => ask(`/workspaces/${id}/retry`, { method: "POST" }));
  whenPressed(one(".remove", item), () => ask(`/workspaces/${id}`, { method: "DELETE" }));
  view = { item, steps: new Map(), lines: [], printed: "" };
  shown.set(id, view);
  one("#list").prepend(item);
  return view;
}

/** Ignores presses while one is at work. A disabled button would lose the focus. */
function whenPressed(button, work) {
  button.onclick = async () => {
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    try {
      await work();
    } finally {
      button.ariaDisabled = null;
    }
  };
}

/** Removes a workspace. Focus inside it moves to its neighbour, or to the form if it was the last. */
function hide(id) {
  const item = shown.get(id)?.item;
  shown.delete(id);
  if (item === undefined) return;
  const next = item.nextElementSibling ?? item.previousElementSibling;
  const hadFocus = item.contains(document.activeElement);
  item.remove();
  if (hadFocus) (next === null ? one("#runtime") : one(".remove", next)).focus();
}

/** Forgets an earlier attempt. */
function restart(view) {
  Object.assign(view, { lines: [], printed: "" });
  view.steps.clear();
  one(".steps", view.item).replaceChildren();
}

function showActions(item, { state, name }) {
  const [retry, remove] = [one(".retry", item), one(".remove", item)];
  const text = state === "preparing" ? "Cancel" : "Remove";
  remove.textContent = text;
  remove.setAttribute("aria-label", `${text} ${name}`);
  if (retry === document.activeElement && state !== "failed") remove.focus();
  retry.hidden = state !== "failed";
}

function showWorkspace(workspace) {
  const { id, state, since, image, container, error, exitCode } = workspace;
  if (state === "removed") {
    hide(id);
  } else {
    const view = viewOf(workspace);
    const { item } = view;
    if (view.state === "failed" && state === "preparing") restart(view);
    // After a success the steps are folded.
    if (view.state !== state) one(".progress", item).open = state === "preparing" || state === "failed";
    Object.assign(view, { state, since });
    showActions(item, workspace);
    item.dataset.state = state;
    one(".state", item).textContent = state === "exited" ? `exited with ${exitCode}` : state;
    one(".reference", item).hidden = image === null;
    one(".reference code", item).textContent = image?.reference ?? "";
    one(".reference .quiet", item).textContent =
      image === null
        ? ""
        : `${image.cached ? "already existed" : "built or pulled"}; container ${container.name}`;
    one(".failure", item).hidden = error === null;
    if (error !== null) {
      one(".code", item).textContent = error.code;
      one(".message", item).textContent = error.message;
      one(".hint", item).textContent = error.hint;
    }
    showBuild(view, error?.output?.split("\n") ?? (state === "preparing" ? view.lines : []));
  }
  one("#none").hidden = shown.size > 0;
  tick();
}

function showProgress({ id, at, progress }) {
  const view = shown.get(id);
  if (view === undefined) return;
  if (progress.type === "started") {
    const item = copy("#step");
    one(".name", item).textContent = progress.step;
    one(".what", item).textContent = progress.what;
    one(".what", item).title = progress.what;
    // A step inside another one.
    item.classList.toggle(
      "nested",
      [...view.steps.values()].some(({ ended }) => !ended),
    );
    one(".steps", view.item).append(item);
    view.steps.set(progress.id, { item, at });
  }
  if (progress.type === "output") {
    view.lines.push(progress.line);
    if (view.lines.length > maxLines) view.lines.shift();
    if (view.state === "preparing") showBuild(view, view.lines);
  }
  const step = view.steps.get(progress.id);
  if (step === undefined) return;
  if (progress.type === "amount") one(".amount", step.item).textContent = amount(progress);
  if (progress.type === "finished") {
    step.ended = true;
    step.item.dataset.ok = progress.ok;
    one(".took", step.item).textContent = seconds(progress.durationMs);
  }
}

function amount({ done, total, unit }) {
  if (unit === "bytes")
    return total === undefined ? megabytes(done) : `${megabytes(done)} of ${megabytes(total)}`;
  return total === undefined ? `${done} steps` : `step ${Math.min(done + 1, total)} of ${total}`;
}

const showBuild = ({ item }, lines) => showOutput(one(".build", item), lines.join("\n"));

function showContainer({ id, text }) {
  const view = shown.get(id);
  if (view === undefined) return;
  view.printed = (view.printed + text).slice(-maxCharacters);
  showOutput(one(".container", view.item), view.printed);
}

function showOutput(output, text) {
  const isAtEnd = output.scrollHeight - output.scrollTop - output.clientHeight < 8;
  output.hidden = text === "";
  output.textContent = text;
  if (isAtEnd) output.scrollTop = output.scrollHeight;
}

/** Updates the timers. */
function tick() {
  for (const { item, state, since, steps } of shown.values()) {
    one(".since", item).textContent =
      state === "failed" || state === "exited" ? "" : seconds(Date.now() - since);
    for (const step of steps.values())
      if (!step.ended) one(".took", step.item).textContent = seconds(Math.max(0, Date.now() - step.at));
  }
}

async function ask(path, options) {
  const response = await fetch(path, options).catch((error) => ({
    ok: false,
    json: async () => ({ message: error.message }),
  }));
  if (response.ok) return;
  const { error, message } = await response.json();
  trouble(error === undefined ? message : `${error.code}: ${error.message}. ${error.hint}`);
}

function trouble(text) {
  one("#trouble").textContent = text;
  one("#trouble").hidden = text === "";
}

function listen() {
  const events = new EventSource("/events");
  // Also fires after a reconnect: the server sends the whole state again.
  events.onopen = () => {
    trouble("");
    for (const { item } of shown.values()) item.remove();
    shown.clear();
    one("#none").hidden = false;
    // If the server goes away, the stream reports it and reconnects.
    introduce().catch(() => undefined);
  };
  events.onerror = () => trouble("The server cannot be reached. Retrying …");
  events.addEventListener("workspace", ({ data }) => showWorkspace(JSON.parse(data).workspace));
  events.addEventListener("output", ({ data }) => showContainer(JSON.parse(data)));
  events.addEventListener("progress", ({ data }) => showProgress(JSON.parse(data)));
}

one("#start").onsubmit = async (event) => {
  event.preventDefault();
  trouble("");
  const runtime = new FormData(event.target).get("runtime");
  await ask("/workspaces", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ runtime }),
  });
};

/** Shows the available runtimes, and which source and engine are in use. */
async function introduce() {
  const [{ runtimes }, { ok, engine, selection, message }] = await Promise.all(
    ["/runtimes", "/health"].map(async (path) => (await fetch(path)).json()),
  );
  const chosen = one("#runtime").value;
  one("#runtime").replaceChildren(...runtimes.map((name) => new Option(name)));
  if (chosen !== "") one("#runtime").value = chosen;
  one("#health").textContent = ok
    ? `${selection.mode} mode, by ${selection.source}, on ${engine.kind} ${engine.version}`
    : message;
}

listen();
setInterval(tick, 1000);
