import { statfs } from "node:fs/promises";
import { syncCalls, asyncCalls, type DiskCalls } from "./disk-calls.js";

/** Types of file systems (statfs(2)) that depend on a network or another process, and may respond late or never. */
const distant: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB 2
  0x01021997, // 9P
  0x65735546, // FUSE
  0x00c36400, // Ceph
  0x5346414f, // AFS
  0x6b414653, // AFS, the kernel's own
  0x73757245, // Coda
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0x19830326, // BeeGFS
  0x01161970, // GFS2
  0x7461636f, // OCFS2
  0x786f4256, // VirtualBox
]);

/** Selects how to read below `path`: no call may block the process for longer than a local disk takes. */
export async function diskCallsFor(path: string): Promise<DiskCalls> {
  return isDistant((await statfs(path)).type) ? asyncCalls : syncCalls;
}

/** Decides by the `type` of statfs(2); false on systems other than Linux. */
export function isDistant(type: number): boolean {
  return distant.has(type >>> 0);
}
