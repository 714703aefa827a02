import React, { useState } from 'react';

type Props = { title: string; onPick?: (id: number) => void };

/** A list one can pick from. */
export function Picker({ title, onPick }: Props): JSX.Element {
  const [chosen, setChosen] = useState<number | null>(null);
  const rows = [1, 2].map((id) => (
    <Row key={id} selected={id === chosen} onClick={() => { setChosen(id); onPick?.(id); }}>
      {title}
    </Row>
  ));
  return <ul className="picker">{rows}<Menu.Item {...defaults} /></ul>;
}

const Row: React.FC<{ selected: boolean }> = ({ selected, children }) => (
  <li data-on={selected}>{children}</li>
);

export class Panel extends React.Component<Props> {
  state = { open: false };
  render() {
    return <Picker {...this.props} />;
  }
}
