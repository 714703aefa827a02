// client.ts: starts a server as a child of the editor and speaks LSP with it over stdio.
import * as vscode from 'vscode';
import { LanguageClient, LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import { readConfig } from './config';
import { inlineCompletionMiddleware } from './inline-completion';

// `folder`: the one it serves, of several; undefined: whatever is open.
export function createClient(folder: vscode.WorkspaceFolder | undefined): LanguageClient {
  const config = readConfig();
  const args = config.model ? ['lsp', '--model', config.model] : ['lsp'];
  const env = config.semantic ? process.env : { ...process.env, ENGRAM_LSP_SEMANTIC: 'false' };
  const server: ServerOptions = { command: config.serverPath, args, options: { env } };
  const inside = folder && { baseUri: folder.uri.toString(), pattern: '**/*' };
  const options: LanguageClientOptions = {
    documentSelector: [inside ? { scheme: 'file', pattern: inside } : { scheme: 'file' }],
    workspaceFolder: folder,
    initializationOptions: { client: 'vscode', statusNotifications: true },
    middleware: inlineCompletionMiddleware(folder),
    outputChannelName: folder ? `Engram (${folder.name})` : 'Engram',
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
