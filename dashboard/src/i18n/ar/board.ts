import type { board as english } from "../en/board";
import type { Catalogue } from "../messages";

export const board: Catalogue<ReturnType<typeof english>> = (f) => ({
  calling: "تفضلوا بالدخول",
  nobody: "تفضلوا بالجلوس",
  nobodyTold: "يظهر رقمك هنا عند النداء.",
  ticket: "رقم",
  room: (room) => `غرفة ${/^\d+$/.test(room) ? f.number(Number(room)) : room}`,
  number: (ticket) => f.number(ticket),
  inside: "عند الطبيب",
  recent: "نودي عليهم",
  next: "التالي",
  waiting: (count) =>
    f.plural(count, {
      zero: "لا أحد ينتظر",
      one: "واحد ينتظر",
      two: "اثنان ينتظران",
      few: `${f.number(count)} ينتظرون`,
      other: `${f.number(count)} ينتظرون`,
    }),
  spoken: (ticket, room) => `رقم ${ticket}${room ? `، غرفة ${room}` : ""}`,
  offline: "انقطع الاتصال. يُرجى متابعة موظفي الاستقبال أيضًا.",
  chime: "تنبيه صوتي",
  voice: "نداء منطوق",
  fullScreen: "ملء الشاشة",
  blocked: "لن يصدر صوت قبل الضغط على الشاشة مرة واحدة",
});
