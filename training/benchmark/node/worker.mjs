// node worker.mjs NAME: one extractor of Node's, one page a line, as ../worker.py has it.

import { existsSync, readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const peakKib = () =>
  existsSync("/proc/self/status")
    ? Number(readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s*(\d+)/)[1])
    : process.resourceUsage().maxRSS;
const answer = (fields) => {
  const line = JSON.stringify({ ...fields, peak_kib: peakKib() }) + "\n";
  const bytes = Buffer.from(line);
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += writeSync(1, bytes, sent);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
};
// What an extractor prints must not get between the answers.
for (const name of ["log", "info", "debug", "warn", "error"]) console[name] = () => {};

const before = seconds();
const { JSDOM, VirtualConsole } = await import("jsdom");
const open = (html, url) => new JSDOM(html, { url, virtualConsole: new VirtualConsole() });
const loaders = {
  "Readability.js": async () => {
    const { Readability } = (await import("@mozilla/readability")).default;
    return (dom) => new Readability(dom.window.document).parse()?.content ?? "";
  },
  defuddle: async () => {
    const { Defuddle } = await import("defuddle/node");
    return async (dom, url) => (await Defuddle(dom, url, { useAsync: false })).content ?? "";
  },
};
const run = await loaders[process.argv[2]]();
answer({ cpu: seconds() - before });

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { html, url } = JSON.parse(line);
  const started = seconds();
  let fields, dom;
  try {
    dom = open(html, url ?? "https://unknown.example/");
    fields = { output: await run(dom, url ?? "https://unknown.example/") };
  } catch (error) {
    fields = { error: error?.name ?? "Error" };
  }
  answer({ cpu: seconds() - started, ...fields });
  dom?.window.close();
}
