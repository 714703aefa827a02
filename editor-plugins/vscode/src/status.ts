// status.ts: the status bar item: what the server does now, and why there is no ghost text.
//
// Wire type: the notification engram/status of docs/protocol.md. Unknown fields are ignored.
import * as vscode from 'vscode';
import { LanguageClient, State } from 'vscode-languageclient/node';
import { readConfig } from './config';

interface ServerStatus {
  state?: string; // "loading", "indexing", "ready", "error"
  model?: string;
  message?: string;
  percentage?: number;
  lastReason?: string;
}

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right, 100);
  private status: ServerStatus = {};
  private stopped = false;

  constructor() {
    this.item.command = 'engram.showStatus';
    this.item.name = 'Engram';
    this.draw();
    this.item.show();
  }

  attach(client: LanguageClient): vscode.Disposable {
    return vscode.Disposable.from(
      client.onNotification('engram/status', (status: ServerStatus) => {
        this.status = status;
        this.draw();
      }),
      client.onDidChangeState((change) => {
        this.stopped = change.newState === State.Stopped;
        this.draw();
      }),
    );
  }

  fail(message: string): void {
    this.stopped = true;
    this.status = { message };
    this.draw();
  }

  draw(): void {
    this.item.text = `${this.icon()} Engram`;
    this.item.tooltip = this.describe();
  }

  describe(): string {
    const { state, model, message, percentage, lastReason } = this.status;
    const lines = [this.stopped ? 'The server is not running.' : `State: ${state ?? 'starting'}`];
    if (percentage !== undefined && state === 'indexing') lines.push(`Indexed: ${percentage} %`);
    if (model) lines.push(`Model: ${model}`);
    if (lastReason) lines.push(`Last silence: ${lastReason}`);
    if (message) lines.push(message);
    if (!readConfig().enabled) lines.push('Ghost text is off (Engram: Turn Ghost Text On or Off).');
    return lines.join('\n');
  }

  dispose(): void {
    this.item.dispose();
  }

  private icon(): string {
    if (this.stopped || this.status.state === 'error') return '$(error)';
    if (!readConfig().enabled) return '$(circle-slash)';
    return this.status.state === 'ready' ? '$(sparkle)' : '$(sync~spin)';
  }
}
