// extension.ts: wires the servers, the status item and the commands; no logic of its own.
import * as vscode from 'vscode';
import { readConfig } from './config';
import { Servers } from './servers';
import { StatusItem } from './status';

let servers: Servers | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const status = new StatusItem();
  const started = new Servers(status);
  servers = started;
  context.subscriptions.push(
    status,
    started,
    vscode.commands.registerCommand('engram.toggle', () => toggle()),
    vscode.commands.registerCommand('engram.restart', () => started.restart()),
    vscode.commands.registerCommand('engram.showStatus', () =>
      vscode.window.showInformationMessage(status.describe()),
    ),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('engram.server') || change.affectsConfiguration('engram.model')) {
        void started.restart();
      } else if (change.affectsConfiguration('engram')) {
        status.draw();
      }
    }),
  );
  await started.serveShownFile();
}

export async function deactivate(): Promise<void> {
  await servers?.stop();
}

async function toggle(): Promise<void> {
  const settings = vscode.workspace.getConfiguration('engram');
  await settings.update('enabled', !readConfig().enabled, vscode.ConfigurationTarget.Global);
}
