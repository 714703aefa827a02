// ghost_text_test.js: ghost text in a real VS Code (code-server + Chromium), seen and accepted.
//
//   node ghost_text_test.js SERVER_PROGRAM VSIX MODEL_GGUF OUTPUT_DIR
//
// Everything real: the editor, the extension as packed, the server, the model. Waits are on
// conditions in the page, with a deadline; the screenshot stays in OUTPUT_DIR.
'use strict';
const { spawn, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { chromium } = require('playwright-core');

const [program, vsix, model, output] = process.argv.slice(2);
const deadlineMs = 120_000;

// The line under the cursor is one that the repository has spelled out before.
const files = {
  'inventory.h': `#pragma once
#include <string>
#include <vector>

struct Item {
  std::string name;
  int quantity = 0;
  double price = 0;
};

class Inventory {
 public:
  void add(const Item& item) { items_.push_back(item); }
  double total_price() const;
  int total_quantity() const;

 private:
  std::vector<Item> items_;
};
`,
  'inventory.cpp': `#include "inventory.h"

double Inventory::total_price() const {
  double total = 0;
  for (const Item& item : items_) {
    total += item.price * item.quantity;
  }
  return total;
}

int Inventory::total_quantity() const {
  int total = 0;
  for (const Item& item : items_) {
    
  }
  return total;
}
`,
};
const cursorLine = 14; // 1-based: inside the second loop

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function prepareHome() {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'engram-vscode-'));
  const workspace = path.join(home, 'inventory');
  fs.mkdirSync(path.join(workspace, '.vscode'), { recursive: true });
  // Another repository of the same files, the second folder of a workspace of two.
  const second = path.join(home, 'stock');
  for (const folder of [workspace, second]) {
    fs.mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  }
  fs.mkdirSync(path.join(home, 'notes'));
  fs.writeFileSync(path.join(home, 'notes', 'todo.txt'), 'count the stock\n');
  const several = path.join(home, 'shop.code-workspace');
  fs.writeFileSync(several, JSON.stringify({ folders: [{ path: 'notes' }, { path: 'stock' }] }));
  const user = path.join(home, 'user', 'User');
  fs.mkdirSync(user, { recursive: true });
  // Settings of this machine, as a remote editor has them, and the user's.
  const machine = path.join(home, 'user', 'Machine');
  fs.mkdirSync(machine, { recursive: true });
  const ours = { 'engram.server.path': program, 'engram.model': model };
  fs.writeFileSync(path.join(machine, 'settings.json'), JSON.stringify(ours));
  fs.writeFileSync(
    path.join(user, 'settings.json'),
    JSON.stringify({
      ...ours,
      'extensions.autoCheckUpdates': false,
      'workbench.startupEditor': 'none',
      'editor.inlineSuggest.enabled': true,
      'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
      'editor.suggestOnTriggerCharacters': false,
      'security.workspace.trust.enabled': false,
      'workbench.colorTheme': 'Default Dark Modern',
    }),
  );
  return { home, workspace, second, several };
}

function environment(home) {
  return {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_DATA_HOME: path.join(home, 'data'),
    XDG_CACHE_HOME: path.join(home, 'cache'),
  };
}

function codeServer(home, args, stdio) {
  const dirs = ['--user-data-dir', path.join(home, 'user'), '--extensions-dir', path.join(home, 'ext')];
  const bin = path.join(process.env.ENGRAM_DEPS_CODE_SERVER, 'bin', 'code-server');
  return { bin, args: [...dirs, ...args], options: { env: environment(home), stdio } };
}

function startServer(home, port) {
  const call = codeServer(
    home,
    ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry',
      '--disable-update-check', '--disable-workspace-trust'],
    ['ignore', 'pipe', 'inherit'],
  );
  const child = spawn(call.bin, call.args, { ...call.options, detached: true });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const ready = new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      if (String(data).includes('HTTP server listening')) resolve();
    });
    child.on('exit', (code) => reject(new Error(`code-server ended with ${code}`)));
  });
  return { child, ready, ended };
}

const visibleText = (page) =>
  page.evaluate(() => document.body.innerText.replaceAll('\u00a0', ' '));

async function waitFor(page, what, condition) {
  const end = Date.now() + deadlineMs;
  while (Date.now() < end) {
    const value = await condition();
    if (value) return value;
    await page.waitForTimeout(100);
  }
  await page.screenshot({ path: path.join(output, 'failed.png') });
  throw new Error(`gave up waiting for ${what}; see failed.png`);
}

// The ghost text as drawn: Monaco marks its spans with this class.
const ghostText = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('[class*="ghost-text-decoration"], .ghost-text, [class*="suggest-preview-text"]')]
      .map((e) => e.textContent.replaceAll('\u00a0', ' '))
      .join('')
      .trim(),
  );

async function editorLine(page, workspace) {
  const lines = fs.readFileSync(path.join(workspace, 'inventory.cpp'), 'utf8').split('\n');
  return lines[cursorLine - 1] ?? ''; // a file being written is empty for a moment
}

// Opens a folder of the explorer where a workspace has several.
async function openFolder(page, name) {
  const row = page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
  await waitFor(page, `the folder ${name}`, async () => row.isVisible());
  await row.click();
  const file = page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'inventory.cpp' });
  if (!(await file.count())) await page.keyboard.press('ArrowRight');
  await waitFor(page, 'the files of the folder', async () => file.isVisible());
}

async function openAtCursor(page) {
  const inTree = page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'inventory.cpp' });
  await inTree.dblclick({ timeout: deadlineMs });
  await waitFor(page, 'the file', async () => (await visibleText(page)).includes('total_quantity() const {'));
  await page.keyboard.press('Control+G');
  await waitFor(page, 'go to line', async () => page.$('.quick-input-widget:not([style*="display: none"]) input'));
  await page.keyboard.type(String(cursorLine));
  await page.keyboard.press('Enter');
  await waitFor(page, 'the cursor', async () => (await visibleText(page)).includes(`Ln ${cursorLine},`));
  await page.keyboard.press('End');
}

// How many files the memory of a folder has.
function indexedFiles(home, folder) {
  try {
    const out = execFileSync(program, ['status', folder, '--json'], { env: environment(home), stdio: 'pipe' });
    return JSON.parse(String(out)).files;
  } catch {
    return 0; // no memory
  }
}

// Types at the cursor, sees ghost text, accepts it, and finds it in the saved file.
async function completeOnce(page, workspace, picture) {
  await openAtCursor(page);
  // The status item's icon says that the server has its model and its index.
  await waitFor(page, 'the server', async () => page.$('.statusbar-item .codicon-sparkle'));
  await page.keyboard.type('total += item.q', { delay: 50 }); // as a person types
  const shown = await waitFor(page, 'ghost text', async () => ghostText(page));
  console.log(`ghost text: ${JSON.stringify(shown)}`);
  await page.screenshot({ path: path.join(output, picture) });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+S');
  const line = await waitFor(page, 'the accepted text on disk', async () => {
    const now = await editorLine(page, workspace);
    return now.includes('total += item.q') && now.trim() !== 'total += item.q' ? now : null;
  });
  console.log(`accepted line: ${JSON.stringify(line)}`);
  const firstLine = shown.split('\n')[0].trim();
  if (!line.includes(firstLine)) throw new Error(`'${line}' does not contain '${firstLine}'`);
}

// A VS Code of its own, opened at `query`, for as long as `work` takes.
async function inEditor(home, query, work) {
  const port = await freePort();
  const server = startServer(home, port);
  let browser;
  try {
    await server.ready;
    browser = await chromium.launchPersistentContext(fs.mkdtempSync(path.join(home, 'browser-')), {
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
      viewport: { width: 1100, height: 640 },
    });
    const page = browser.pages()[0];
    await page.goto(`http://127.0.0.1:${port}/?${query}`);
    await waitFor(page, 'the workbench', async () => page.$('.monaco-workbench .part.statusbar'));
    await work(page);
  } finally {
    await browser?.close();
    process.kill(-server.child.pid, 'SIGTERM');
    await server.ended;
  }
}

async function run() {
  fs.mkdirSync(output, { recursive: true });
  const { home, workspace, second, several } = prepareHome();
  try {
    const install = codeServer(home, ['--install-extension', vsix], 'ignore');
    execFileSync(install.bin, install.args, install.options);
    await inEditor(home, `folder=${workspace}`, (page) =>
      completeOnce(page, workspace, 'ghost-text.png'),
    );
    await inEditor(home, `workspace=${several}`, async (page) => {
      await openFolder(page, 'stock');
      await completeOnce(page, second, 'ghost-text-second-folder.png');
    });
    if (indexedFiles(home, second) !== 2) throw new Error('the second folder has no memory of its own');
    if (indexedFiles(home, path.join(home, 'notes')) !== 0) {
      throw new Error('a server looked at a folder of which no file was opened');
    }
  } finally {
    fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

run().then(
  () => console.log('passed'),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
