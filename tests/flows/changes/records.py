"""Changes of patients, payments, the catalogue and tokens."""

from tests.flows.changes.scene import ADMIN, CASHIER, RECEPTION, with_parts, with_visit
from tests.flows.house import OTHER_CLINIC, OTHER_DOCTOR, Answer, House


async def registers(house: House) -> Answer:
    """POST /patients"""
    number = house.number()
    body = {"name": f"Rae Replaced the {number}.", "phone": f"+888{number:06}", "medical_history": "Hush"}
    return await house.does(RECEPTION, "POST", "/patients", **body)


async def renames(house: House) -> Answer:
    """PUT /patients/{id}"""
    patient = await house.patient()
    name = f"Rae Renamed the {house.number()}."
    return await house.does(RECEPTION, "PUT", f"/patients/{patient}", name=name, medical_history="Hush")


async def renames_who_waits(house: House) -> Answer:
    """PUT /patients/{id} of a patient who waits"""
    visit = (await house.walks_in()).visit
    name = f"Rae Renamed the {house.number()}."
    done = await house.does(RECEPTION, "PUT", f"/patients/{visit.patient_id}", name=name)
    return await with_visit(house, done, Answer(200, {"visit": visit.model_dump(mode="json")}, {}, 0))


async def deletes_patient(house: House) -> Answer:
    """DELETE /patients/{id}"""
    patient = await house.patient()
    done = await house.does(RECEPTION, "DELETE", f"/patients/{patient}")
    return with_parts(done, patient={"id": patient})


async def pays_a_part(house: House) -> Answer:
    """PUT /payments/{id}/process, a part"""
    return await _processes(house, 50)


async def pays_the_whole(house: House) -> Answer:
    """PUT /payments/{id}/process, the whole"""
    return await _processes(house, 200)


async def pays_for_a_visit(house: House) -> Answer:
    """POST /payments"""
    visit = (await house.walks_in()).visit
    return await house.does(
        CASHIER, "POST", "/payments", visit_id=visit.id, payment_method="cash", amount_paid=200
    )


async def refunds(house: House) -> Answer:
    """POST /payments/refund/{id}"""
    paid = await _processes(house, 200)
    return await house.does(CASHIER, "POST", f"/payments/refund/{paid.id('payment')}")


async def opens_a_clinic(house: House) -> Answer:
    """POST /clinics"""
    return await house.does(ADMIN, "POST", "/clinics", name="Third Test Clinic", time_zone="UTC")


async def changes_a_clinic(house: House) -> Answer:
    """PUT /clinics/{id}"""
    return await house.does(ADMIN, "PUT", f"/clinics/{OTHER_CLINIC}", room_number=str(house.number()))


async def closes_a_clinic(house: House) -> Answer:
    """DELETE /clinics/{id}"""
    clinic = (await opens_a_clinic(house)).body["clinic"]
    done = await house.does(ADMIN, "DELETE", f"/clinics/{clinic['id']}")
    return with_parts(done, clinic=clinic | {"is_active": False})


async def adds_a_doctor(house: House) -> Answer:
    """POST /doctors"""
    return await house.does(
        ADMIN,
        "POST",
        "/doctors",
        name="Dr. Dee Stand-In",
        clinic_id=OTHER_CLINIC,
        working_days=["Monday"],
        working_hours={"start": "08:00", "end": "12:00"},
        share_percentage=0.5,
    )


async def changes_a_doctor(house: House) -> Answer:
    """PUT /doctors/{id}"""
    specialty = f"Example {house.number()}"
    return await house.does(ADMIN, "PUT", f"/doctors/{OTHER_DOCTOR}", specialty=specialty)


async def lets_a_doctor_go(house: House) -> Answer:
    """DELETE /doctors/{id}"""
    doctor = (await adds_a_doctor(house)).body["doctor"]
    done = await house.does(ADMIN, "DELETE", f"/doctors/{doctor['id']}")
    return with_parts(done, doctor=doctor | {"is_active": False})


async def offers_a_service(house: House) -> Answer:
    """POST /services"""
    return await house.does(
        ADMIN, "POST", "/services", name="Second look", clinic_id=OTHER_CLINIC, duration=30, price=80.5
    )


async def changes_a_service(house: House) -> Answer:
    """PUT /services/{id}"""
    service = (await offers_a_service(house)).id("service")
    return await house.does(ADMIN, "PUT", f"/services/{service}", price=house.number())


async def withdraws_a_service(house: House) -> Answer:
    """DELETE /services/{id}"""
    service = (await offers_a_service(house)).body["service"]
    done = await house.does(ADMIN, "DELETE", f"/services/{service['id']}")
    return with_parts(done, service=service | {"is_active": False})


async def revokes_a_token(house: House) -> Answer:
    """POST /auth/revoke, a token"""
    return await house.does(ADMIN, "POST", "/auth/revoke", jti=f"lost-{house.number()}")


async def revokes_a_subject(house: House) -> Answer:
    """POST /auth/revoke, all tokens of a subject"""
    return await house.does(ADMIN, "POST", "/auth/revoke", sub=f"left-{house.number()}")


async def _processes(house: House, amount: int) -> Answer:
    payment = await house.payment_of((await house.walks_in()).visit)
    path = f"/payments/{payment['id']}/process"
    return await house.does(CASHIER, "PUT", path, amount_paid=amount, payment_method="visa")
