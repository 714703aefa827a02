// extension.ts: wires the client, the status item and the commands; no logic of its own.
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';
import { createClient, explainStartFailure, offerSettings } from './client';
import { readConfig } from './config';
import { StatusItem } from './status';

let client: LanguageClient | undefined;
let attached: vscode.Disposable | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const status = new StatusItem();
  context.subscriptions.push(
    status,
    vscode.commands.registerCommand('engram.toggle', () => toggle()),
    vscode.commands.registerCommand('engram.restart', () => restart(status)),
    vscode.commands.registerCommand('engram.showStatus', () =>
      vscode.window.showInformationMessage(status.describe()),
    ),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('engram.server') || change.affectsConfiguration('engram.model')) {
        void restart(status);
      } else if (change.affectsConfiguration('engram')) {
        status.draw();
      }
    }),
  );
  await start(status);
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function start(status: StatusItem): Promise<void> {
  client = createClient();
  attached = status.attach(client);
  try {
    await client.start();
  } catch (error) {
    const message = explainStartFailure(error);
    status.fail(message);
    void offerSettings(message);
  }
}

async function stop(): Promise<void> {
  attached?.dispose();
  const running = client;
  client = undefined;
  if (running?.isRunning()) await running.stop();
}

async function restart(status: StatusItem): Promise<void> {
  await stop();
  await start(status);
}

async function toggle(): Promise<void> {
  const settings = vscode.workspace.getConfiguration('engram');
  await settings.update('enabled', !readConfig().enabled, vscode.ConfigurationTarget.Global);
}
