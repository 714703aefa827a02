// config.ts: the extension's settings, read where they are used so that a change holds at once.
import * as vscode from 'vscode';

export interface Config {
  enabled: boolean;
  serverPath: string;
  model: string;
  debounceMs: number;
}

export function readConfig(): Config {
  const settings = vscode.workspace.getConfiguration('engram');
  return {
    enabled: settings.get('enabled', true),
    serverPath: settings.get('server.path', 'engram'),
    model: settings.get('model', ''),
    debounceMs: settings.get('debounceMs', 60),
  };
}
