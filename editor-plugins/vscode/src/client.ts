// client.ts: starts the server as a child of the editor and speaks LSP with it over stdio.
import * as vscode from 'vscode';
import { LanguageClient, LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import { readConfig } from './config';
import { inlineCompletionMiddleware } from './inline-completion';

export function createClient(): LanguageClient {
  const config = readConfig();
  const args = config.model ? ['lsp', '--model', config.model] : ['lsp'];
  const server: ServerOptions = { command: config.serverPath, args };
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: 'file' }],
    initializationOptions: { client: 'vscode', statusNotifications: true },
    middleware: inlineCompletionMiddleware,
    outputChannelName: 'Engram',
  };
  return new LanguageClient('engram', 'Engram', server, options);
}

// Why the server could not be started, in words a person can act on.
export function explainStartFailure(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const path = readConfig().serverPath;
  return `Engram could not start '${path}': ${reason}. Set "engram.server.path" to the program.`;
}

export async function offerSettings(message: string): Promise<void> {
  const open = 'Open Settings';
  if ((await vscode.window.showErrorMessage(message, open)) === open) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'engram.server.path');
  }
}
