// servers.ts: one server for the workspace, or one for each folder of a workspace of several.
//
// A folder is a repository with a memory of its own. With one folder, or none, there is one server
// for every file; with several, a folder's server starts when a file in it is first shown, and
// files outside all of them have none (the status item says so).
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';
import { createClient, explainStartFailure, offerSettings } from './client';
import { StatusItem } from './status';

const everywhere = '';

export class Servers implements vscode.Disposable {
  private readonly running = new Map<string, LanguageClient>(); // by the folder's URI
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly status: StatusItem) {
    this.subscriptions = [
      vscode.window.onDidChangeActiveTextEditor(() => void this.serveShownFile()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.restart()),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  // Starts what the shown file needs, and shows that server's status.
  async serveShownFile(): Promise<void> {
    const several = (vscode.workspace.workspaceFolders ?? []).length > 1;
    const document = vscode.window.activeTextEditor?.document;
    if (several && (!document || document.uri.scheme !== 'file')) return;
    const folder = several && document ? vscode.workspace.getWorkspaceFolder(document.uri) : undefined;
    if (several && !folder) return this.status.follow(undefined);
    const key = folder?.uri.toString() ?? everywhere;
    const known = this.running.get(key);
    if (known) return this.status.follow(known);
    const client = createClient(folder);
    this.running.set(key, client);
    this.status.follow(client);
    try {
      await client.start();
    } catch (error) {
      const message = explainStartFailure(error);
      this.status.fail(client, message);
      void offerSettings(message);
    }
  }

  async stop(): Promise<void> {
    const clients = [...this.running.values()];
    this.running.clear();
    this.status.forgetAll();
    await Promise.all(clients.filter((client) => client.isRunning()).map((client) => client.stop()));
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.serveShownFile();
  }
}
