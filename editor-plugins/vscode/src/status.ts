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
  semantic?: { state?: string; percentage?: number; total?: number; withoutFacts?: number };
}

interface Followed {
  status: ServerStatus;
  stopped: boolean;
  subscriptions: vscode.Disposable;
}

// Shows one server of those it listens to: that of the shown file.
export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right, 100);
  private readonly followed = new Map<LanguageClient, Followed>();
  private shown: Followed | undefined;
  private outside = false; // the shown file is in no folder of the workspace

  constructor() {
    this.item.command = 'engram.showStatus';
    this.item.name = 'Engram';
    this.draw();
    this.item.show();
  }

  // undefined: the shown file has no server.
  follow(client: LanguageClient | undefined): void {
    this.outside = client === undefined;
    this.shown = client && (this.followed.get(client) ?? this.listen(client));
    this.draw();
  }

  fail(client: LanguageClient, message: string): void {
    const of = this.followed.get(client);
    if (of) Object.assign(of, { stopped: true, status: { message } });
    this.draw();
  }

  forgetAll(): void {
    for (const of of this.followed.values()) of.subscriptions.dispose();
    this.followed.clear();
    this.shown = undefined;
    this.draw();
  }

  draw(): void {
    this.item.text = `${this.icon()} Engram${this.share()}`;
    this.item.tooltip = this.describe();
  }

  describe(): string {
    if (this.outside) return 'This file is in no folder of the workspace: no server looks at it.';
    const { state, model, message, percentage, lastReason, semantic } = this.shown?.status ?? {};
    const stopped = this.shown?.stopped ?? false;
    const lines = [stopped ? 'The server is not running.' : `State: ${state ?? 'starting'}`];
    if (percentage !== undefined && state === 'indexing') lines.push(`Indexed: ${percentage} %`);
    if (semantic?.total) {
      const without = semantic.withoutFacts ? `, ${semantic.withoutFacts} without facts` : '';
      lines.push(`${semantic.percentage} % of translation units semantic${without}`);
    }
    if (model) lines.push(`Model: ${model}`);
    if (lastReason) lines.push(`Last silence: ${lastReason}`);
    if (message) lines.push(message);
    if (!readConfig().enabled) lines.push('Ghost text is off (Engram: Turn Ghost Text On or Off).');
    return lines.join('\n');
  }

  dispose(): void {
    this.forgetAll();
    this.item.dispose();
  }

  private listen(client: LanguageClient): Followed {
    const of: Followed = { status: {}, stopped: false, subscriptions: new vscode.Disposable(() => {}) };
    of.subscriptions = vscode.Disposable.from(
      client.onNotification('engram/status', (status: ServerStatus) => {
        of.status = status;
        this.draw();
      }),
      client.onDidChangeState((change) => {
        of.stopped = change.newState === State.Stopped;
        this.draw();
      }),
    );
    this.followed.set(client, of);
    return of;
  }

  // What the server is still reading: files, then translation units.
  private share(): string {
    const { state, percentage, semantic } = this.shown?.status ?? {};
    if (this.outside || this.shown?.stopped) return '';
    if (state === 'indexing') return ` ${percentage} %`;
    if (state !== 'ready' || semantic?.state !== 'indexing' || !semantic.total) return '';
    return ` ${semantic.percentage} % semantic`;
  }

  private icon(): string {
    if (this.outside) return '$(circle-slash)';
    if (this.shown?.stopped || this.shown?.status.state === 'error') return '$(error)';
    if (!readConfig().enabled) return '$(circle-slash)';
    return this.shown?.status.state === 'ready' ? '$(sparkle)' : '$(sync~spin)';
  }
}
