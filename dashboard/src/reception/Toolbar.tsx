import { useQuery } from "@tanstack/react-query";
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";

import { doctorsQuery } from "../api/queries";
import { Icon } from "../app/controls/Icon";
import { Pick } from "../app/controls/Pick";
import { useHere, useSignedIn } from "../app/signedIn";
import type { Lists } from "./cards";
import { useReceptionTexts } from "./texts";
import type { Moves } from "./useMoves";

const EVERYONE = "everyone";

interface Props {
  lists: Lists;
  moves: Moves;
  doctor: string | null;
  onDoctor(name: string | null): void;
  typed: string;
  onType(typed: string): void;
  onWalkIn(): void;
  onBook(): void;
}

/** What concerns the whole board: who to show, whom to call next, who comes to be on it. */
export function Toolbar({ lists, moves, doctor, onDoctor, typed, onType, onWalkIn, onBook }: Props) {
  const { api } = useSignedIn();
  const { clinic } = useHere();
  const texts = useReceptionTexts();
  const doctors = useQuery(doctorsQuery(api, clinic)).data ?? [];
  const waitingFor = (name: string) => lists.waiting.filter((card) => card.doctor === name);
  const callable = doctors.filter(({ name }) => doctor === null || name === doctor);
  const call = ({ id, name }: { id: number; name: string }) => moves.callNext(id, waitingFor(name)[0]);
  const [only] = callable;

  return (
    <div className="toolbar">
      <div className="search">
        <Icon name="search" />
        <input
          className="input"
          type="search"
          aria-label={texts.search}
          placeholder={texts.search}
          value={typed}
          onChange={({ target }) => onType(target.value)}
        />
      </div>
      <Pick
        label={texts.doctorFilter}
        options={[{ id: EVERYONE, name: texts.allDoctors }, ...doctors.map(({ name }) => ({ id: name, name }))]}
        value={doctor ?? EVERYONE}
        onPick={(name) => onDoctor(name === EVERYONE ? null : name)}
      />
      <div className="toolbar-acts">
        <Button
          className="button"
          isDisabled={!moves.undo}
          onPress={() => moves.undo?.act()}
          aria-label={moves.undo ? texts.undoOf(moves.undo.move, moves.undo.card.name) : texts.undo}
        >
          <Icon name="undo" />
          {texts.undo}
        </Button>
        <Button className="button" onPress={onBook}>
          <Icon name="calendar" />
          {texts.book}
        </Button>
        <Button className="button" onPress={onWalkIn}>
          <Icon name="plus" />
          {texts.walkIn}
        </Button>
        {callable.length === 1 && only ? (
          <Button className="button primary" onPress={() => call(only)}>
            <Icon name="bell" />
            {texts.callNext}
          </Button>
        ) : (
          <MenuTrigger>
            <Button className="button primary">
              <Icon name="bell" />
              {texts.callNext}
            </Button>
            <Popover className="popover">
              <Menu className="menu" items={callable}>
                {(one) => (
                  <MenuItem className="menu-item" onAction={() => call(one)} textValue={one.name}>
                    <span>{texts.callNextOf(one.name, waitingFor(one.name).length)}</span>
                  </MenuItem>
                )}
              </Menu>
            </Popover>
          </MenuTrigger>
        )}
      </div>
    </div>
  );
}
