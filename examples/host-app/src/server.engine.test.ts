import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/testkit";
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

  /** Hears events until one of them satisfies. */
  async function hear(id: string, enough: (workspace: Workspace) => boolean): Promise<WorkspaceEvent[]> {
    const leave = new AbortController();
    const answer = await fetch(`${app.url}/workspaces/${id}/events`, { signal: leave.signal });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const heard: WorkspaceEvent[] = [];
    let begun = "";
    for await (const chunk of answer.body ?? []) {
      begun += Buffer.from(chunk as Uint8Array).toString();
      const blocks = begun.split("\n\n");
      begun = blocks.pop() ?? "";
      heard.push(...blocks.map((block) => JSON.parse(block.split("data: ")[1] ?? "") as WorkspaceEvent));
      if (heard.some((event) => event.type === "workspace" && enough(event.workspace))) break;
    }
    leave.abort();
    return heard;
  }

  test("makes an image ready, runs a container from it, tells how it goes, and removes it", async () => {
    await app.forge.addTemplate("hermes", templateWith(stays));
    const { status, workspace } = await start("hermes");
    expect([status, workspace.state]).toEqual([202, "preparing"]);
    const heard = await hear(workspace.id, ({ state }) => state !== "preparing");
    expect(heard.at(-1)).toMatchObject({ workspace: { state: "running", image: { cached: false } } });
    const steps = heard.flatMap((event) => (event.type === "progress" ? [event.progress.step] : []));
    expect(new Set(steps)).toEqual(new Set(["resolve", "find", "checkout", "context", "build", "tag"]));
    expect(await app.containers()).toHaveLength(1);

    expect((await fetch(`${app.url}/workspaces/${workspace.id}`, { method: "DELETE" })).status).toBe(204);
    expect(await app.containers()).toEqual([]);
    expect(await (await fetch(`${app.url}/workspaces`)).json()).toEqual({ workspaces: [] });
  });

  test("says of a failure what happened and what to do", async () => {
    const { workspace } = await start("codex");
    const heard = await hear(workspace.id, ({ state }) => state === "failed");
    expect(heard.at(-1)).toMatchObject({
      workspace: {
        error: { code: "SOURCE_NOT_FOUND", hint: expect.stringContaining("MOLECULE_GITEA_TOKEN") },
      },
    });
    const { workspace: unknown } = await start("nope");
    expect((await hear(unknown.id, ({ state }) => state === "failed")).at(-1)).toMatchObject({
      workspace: { error: { code: "RUNTIME_UNKNOWN" } },
    });
  });

  test("cancels what is being prepared when it is removed", async () => {
    await app.forge.addTemplate("hermes", templateWith(stays));
    app.forge.fault("git", { hang: true });
    const { workspace } = await start("hermes");
    while (app.forge.gitRequests().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await fetch(`${app.url}/workspaces/${workspace.id}`, { method: "DELETE" })).status).toBe(204);
    expect(await (await fetch(`${app.url}/workspaces`)).json()).toEqual({ workspaces: [] });
  });

  test("refuses what is no request, and knows what it does not have", async () => {
    for (const runtime of [undefined, 7, "", "x".repeat(64)]) expect((await start(runtime)).status).toBe(400);
    expect((await fetch(`${app.url}/workspaces/none`, { method: "DELETE" })).status).toBe(404);
    expect((await fetch(`${app.url}/workspaces/none/events`)).status).toBe(404);
  });

  test("is healthy while its engine answers", async () => {
    const answer = await fetch(`${app.url}/health`);
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { ok: true, engine: { kind: "docker" }, selection: { source: "gitea-local-build" } },
    ]);
  });

  test("leaves nothing running when it is closed", async () => {
    await app.forge.addTemplate("hermes", templateWith(stays));
    const { workspace } = await start("hermes");
    await hear(workspace.id, ({ state }) => state === "running");
    expect(await app.containers()).toHaveLength(1);
    await app.close();
    expect(await app.containers()).toEqual([]);
  });
});

test("an engine that is down makes it unhealthy", async () => {
  const app = await startApp("unix:///nonexistent/d.sock");
  const answer = await fetch(`${app.url}/health`);
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { ok: false, message: expect.stringContaining("/nonexistent/d.sock") },
  ]);
  await app.close();
});
