import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { startApp, stays, templateWith, type RunningApp } from "./host-app.test.support.js";
import type { Workspace, WorkspaceEvent } from "./workspace.js";

describeWithEngine({ describe, test }, "the workspace server", ({ address }) => {
  let app: RunningApp;
  beforeEach(async () => {
    app = await startApp(address);
  });
  afterEach(() => app.stop());

  async function start(runtime: unknown): Promise<{ status: number; workspace: Workspace }> {
    const answer = await fetch(`${app.url}/workspaces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ runtime }),
    });
    return { status: answer.status, workspace: (await answer.json()) as Workspace };
  }

  /** Reads events until one of them satisfies the condition. */
  async function hear(id: string, enough: (event: WorkspaceEvent) => boolean): Promise<WorkspaceEvent[]> {
    const leave = new AbortController();
    const answer = await fetch(`${app.url}/events?workspace=${id}`, { signal: leave.signal });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const heard: WorkspaceEvent[] = [];
    const decoder = new TextDecoder();
    let begun = "";
    for await (const chunk of answer.body ?? []) {
      begun += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = begun.split("\n\n");
      begun = blocks.pop() ?? "";
      const told = blocks.filter((block) => !block.startsWith(":"));
      heard.push(...told.map((block) => JSON.parse(block.split("data: ")[1] ?? "") as WorkspaceEvent));
      if (heard.some(enough)) break;
    }
    leave.abort();
    return heard;
  }

  const comesTo =
    (...states: readonly Workspace["state"][]) =>
    (event: WorkspaceEvent): boolean =>
      event.type === "workspace" && states.includes(event.workspace.state);

  test("prepares an image, runs a container, streams progress, and removes the container", async () => {
    await app.forge.addTemplate("hermes", templateWith(stays));
    const { status, workspace } = await start("hermes");
    expect([status, workspace.state]).toEqual([202, "preparing"]);
    const heard = await hear(workspace.id, comesTo("running", "failed"));
    expect(heard.at(-1)).toMatchObject({ workspace: { state: "running", image: { cached: false } } });
    const steps = heard.flatMap((event) => (event.type === "progress" ? [event.progress.step] : []));
    expect(new Set(steps)).toEqual(new Set(["resolve", "find", "checkout", "context", "build", "tag"]));
    expect(await app.containers()).toHaveLength(1);
    expect(await (await fetch(`${app.url}/workspaces/${workspace.id}`)).json()).toMatchObject({
      state: "running",
      container: { name: expect.any(String) },
    });

    // Two concurrent removals of one workspace both succeed.
    const removals = [1, 2].map(() => fetch(`${app.url}/workspaces/${workspace.id}`, { method: "DELETE" }));
    expect((await Promise.all(removals)).map(({ status }) => status)).toEqual([204, 204]);
    expect(await app.containers()).toEqual([]);
    expect(await (await fetch(`${app.url}/workspaces`)).json()).toEqual({ workspaces: [] });
  });

  test("replays earlier events to a client that connects late", async () => {
    const steps = `RUN echo an early line && /bin/sleep 2\n${stays}`;
    await app.forge.addTemplate("hermes", templateWith(steps));
    const { workspace } = await start("hermes");
    await hear(workspace.id, comesTo("running"));
    const late = await hear(
      workspace.id,
      (event) =>
        event.type === "progress" && event.progress.step === "build" && event.progress.type === "finished",
    );
    const progress = late.flatMap((event) => (event.type === "progress" ? [event.progress] : []));
    expect(late[0]).toMatchObject({ workspace: { state: "running" } });
    const lines = progress.flatMap((one) => (one.type === "output" ? [one.line] : []));
    expect(lines.filter((line) => line.includes("an early line"))).not.toEqual([]);
    const ended = progress.filter(({ type }) => type === "finished").map(({ step }) => step);
    expect(ended).toEqual(expect.arrayContaining(["resolve", "checkout", "build"]));
  });

  test("shows an exited container with its status until it is removed", async () => {
    await app.forge.addTemplate("hermes", templateWith('CMD ["/bin/sh", "-c", "exit 7"]'));
    const { workspace } = await start("hermes");
    const heard = await hear(workspace.id, comesTo("exited"));
    expect(heard.at(-1)).toMatchObject({ workspace: { state: "exited", exitCode: 7 } });
    expect((await fetch(`${app.url}/workspaces/${workspace.id}`, { method: "DELETE" })).status).toBe(204);
    expect(await app.containers()).toEqual([]);
  });

  test("lists the runtimes of the allowlist", async () => {
    const { runtimes } = (await (await fetch(`${app.url}/runtimes`)).json()) as { runtimes: string[] };
    expect(runtimes).toEqual(expect.arrayContaining(["hermes", "claude-code"]));
  });

  test("reports a failure with its message and hint", async () => {
    const { workspace } = await start("codex");
    const heard = await hear(workspace.id, comesTo("failed"));
    expect(heard.at(-1)).toMatchObject({
      workspace: {
        error: { code: "SOURCE_NOT_FOUND", hint: expect.stringContaining("MOLECULE_GITEA_TOKEN") },
      },
    });
    const { workspace: unknown } = await start("nope");
    expect((await hear(unknown.id, comesTo("failed"))).at(-1)).toMatchObject({
      workspace: { error: { code: "RUNTIME_UNKNOWN" } },
    });
  });

  test("cancels preparation when the workspace is removed", async () => {
    await app.forge.addTemplate("hermes", templateWith(stays));
    app.forge.fault("git", { hang: true });
    const { workspace } = await start("hermes");
    while (app.forge.gitRequests().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await fetch(`${app.url}/workspaces/${workspace.id}`, { method: "DELETE" })).status).toBe(204);
    expect(await (await fetch(`${app.url}/workspaces`)).json()).toEqual({ workspaces: [] });
  });

  test("rejects malformed requests, and returns 404 for unknown resources", async () => {
    for (const runtime of [undefined, 7, "", "x".repeat(64)]) expect((await start(runtime)).status).toBe(400);
    expect((await fetch(`${app.url}/workspaces/none`, { method: "DELETE" })).status).toBe(404);
    expect((await fetch(`${app.url}/workspaces/none`)).status).toBe(404);
    expect((await fetch(`${app.url}/events?workspace=none`)).status).toBe(404);
  });

  test("is healthy while its engine responds", async () => {
    const answer = await fetch(`${app.url}/health`);
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { ok: true, engine: { kind: "docker" }, selection: { source: "gitea-local-build" } },
    ]);
  });

  test("leaves nothing running after it closes", async () => {
    await app.forge.addTemplate("hermes", templateWith(stays));
    const { workspace } = await start("hermes");
    await hear(workspace.id, comesTo("running"));
    expect(await app.containers()).toHaveLength(1);
    await app.close();
    expect(await app.containers()).toEqual([]);
  });
});

test("is unhealthy while its engine is down", async () => {
  const app = await startApp("unix:///nonexistent/d.sock");
  const answer = await fetch(`${app.url}/health`);
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { ok: false, message: expect.stringContaining("/nonexistent/d.sock") },
  ]);
  await app.close();
});
